"""render_phong of scenes in blocks, of which those out of sight are left out: the bits of all triangles."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tests.ops.phong_scenes import PHONG, scene
from tvdrnet_nv import Camera
from tvdrnet_nv import ops as dr
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.ops.render_phong import cpu
from tvdrnet_nv.scenes import Building, make_building, room, sphere_field

SIZE = (70, 90)


@cache
def building() -> Building:
    return make_building(40_000, floors=2, rooms=(2, 2))


def soup() -> Mesh:
    """Triangles of all sizes, some as large as the scene, that share vertices at random: edges of many faces, triangles
    without an area, and vertices that are not finite."""
    generator = torch.Generator().manual_seed(5)
    count = 24_000
    centers = 4 * torch.rand(count, 1, 3, generator=generator) - 2
    sizes = 3 * torch.rand(count, 1, 1, generator=generator) ** 12 + 0.02
    vertices = (centers + sizes * torch.randn(count, 3, 3, generator=generator)).reshape(-1, 3)
    faces = torch.arange(3 * count, dtype=torch.int32).reshape(-1, 3)
    faces[::7, 2] = faces[3::7, 0].repeat(2)[: len(faces[::7])]
    faces[::11, 1] = faces[::11, 0]
    faces[5::400] = faces[4::400]
    vertices[100] = math.nan
    vertices[2000, 1] = math.inf
    vertices[7000] = 3e38
    return Mesh(vertices, faces, torch.rand(len(vertices), 3, generator=generator))


def layers() -> Mesh:
    """Many triangles at two depths: who wins is decided by the ids."""
    generator = torch.Generator().manual_seed(1)
    corners = (
        2 * torch.rand(20_000, 1, 2, generator=generator) - 1 + 0.1 * torch.randn(20_000, 3, 2, generator=generator)
    )
    depth = (torch.rand(20_000, 1, 1, generator=generator) > 0.5).float().expand(-1, 3, 1)
    vertices = torch.cat([corners, depth], 2).reshape(-1, 3)
    return Mesh(
        vertices, torch.arange(60_000, dtype=torch.int32).reshape(-1, 3), torch.rand(60_000, 3, generator=generator)
    )


SCENES: dict[str, Callable[[], Mesh]] = {
    "room": lambda: room(40_000, seed=2),
    "building": lambda: building().mesh,
    "spheres": lambda: sphere_field(120, seed=2),
    "soup": soup,
    "layers": layers,
}


def twins(mesh: Mesh, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> list[dr.PhongScene]:
    """The mesh in blocks, and all of it."""
    made = []
    for first in (0, 2**40):
        monkeypatch.setattr(cpu, "BLOCKS_FROM", first)
        made.append(scene(mesh, dtype))
    blocks = [s.native.kernels.blocks()[1] for s in made]
    assert blocks == [-(-mesh.num_faces // 256), 0]
    return made


def cameras(mesh: Mesh, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """From outside, from many places within, one that looks away, and some with a near plane far out."""
    generator = torch.Generator().manual_seed(3)
    points = mesh.vertices[mesh.vertices.isfinite().all(1) & (mesh.vertices.abs() < 100).all(1)]
    middle, size = points.mean(0), float((points.amax(0) - points.amin(0)).norm()) / 2
    inside = points[torch.randint(len(points), (5,), generator=generator)] + 0.1 * size * torch.randn(
        5, 3, generator=generator
    )
    outside = middle + size * torch.tensor([[1.5, 0.3, 0.9], [-0.2, 0.1, 3.0]])
    away = torch.tensor([[2.0, 2.0, 2.0]]) * size + middle
    eye = torch.cat([inside, outside, away])
    at = torch.cat(
        [points[torch.randint(len(points), (5,), generator=generator)], middle.expand(2, 3), 2 * away - middle]
    )
    camera = Camera.from_look_at(eye, at, up=(0.1, 0.05, 1.0), fov=65.0).to(dtype)
    close, far = (camera.clip_matrix(SIZE[1] / SIZE[0], near * size, 100 * size).contiguous() for near in (0.003, 0.5))
    return torch.cat([close, far[3:7]]), camera.position[[*range(8), 3, 4, 5, 6]].contiguous()


def everything(s: dr.PhongScene, to_clip: Tensor, eye: Tensor, walk: int = 64) -> list[Tensor]:
    """Images, rast, and gradients by both outputs."""
    matrix, place = (t.clone().requires_grad_() for t in (to_clip, eye))
    image, rast = dr.render_phong(s, matrix, place, SIZE, PHONG, walk=walk)
    weights = torch.linspace(-1, 2, image.numel(), dtype=image.dtype).reshape(image.shape)
    gradients = torch.autograd.grad(((image + rast) * weights).sum(), [matrix, place])
    return [image.detach(), rast.detach(), *gradients]


def assert_same_bits(have: list[Tensor], want: list[Tensor]) -> None:
    for name, a, b in zip(("image", "rast", "matrix's gradient", "eye's gradient"), have, want, strict=True):
        integers = torch.int32 if a.dtype == torch.float32 else torch.int64
        wrong = (a.view(integers) != b.view(integers)).flatten(1).any(1).nonzero().flatten().tolist()
        assert not wrong, f"{name} of images {wrong}"


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("mesh", SCENES.values(), ids=SCENES.keys())
def test_blocks_give_the_bits_of_all_triangles(mesh, dtype, monkeypatch):
    mesh = mesh()
    s, full = twins(mesh, dtype, monkeypatch)
    to_clip, eye = cameras(mesh, dtype)
    wanted = everything(full, to_clip, eye)
    assert float((wanted[1][..., 3] > 0).float().mean()) > 0.3
    for _ in range(2):  # the second time each image begins with what it showed
        assert_same_bits(everything(s, to_clip, eye), wanted)
    others = torch.arange(len(eye)).roll(1)  # ... and now with what another one did
    assert_same_bits(everything(s, to_clip[others], eye[others]), everything(full, to_clip[others], eye[others]))
    assert_same_bits(everything(s, to_clip, eye, walk=0), everything(full, to_clip, eye, walk=0))


def test_one_image_at_a_time_and_any_number_of_threads(monkeypatch, restored_threads):
    mesh = building().mesh
    s, full = twins(mesh, torch.float32, monkeypatch)
    to_clip, eye = cameras(mesh, torch.float32)
    for threads in (1, 3):
        torch.set_num_threads(threads)
        for k in range(len(eye)):
            assert_same_bits(
                everything(s, to_clip[k, None], eye[k, None]), everything(full, to_clip[k, None], eye[k, None])
            )


def test_a_camera_inside_a_building_looks_at_few_blocks(monkeypatch):
    made = building()
    s, _ = twins(made.mesh, torch.float32, monkeypatch)
    camera = Camera.from_look_at(
        made.centers[0], made.centers[0] + torch.tensor([-2.0, -1.5, -0.6]), up=(0.0, 0.0, 1.0)
    )
    to_clip, eye = camera.clip_matrix(1.0, 0.05, 100.0).contiguous(), camera.position.contiguous()
    for _ in range(2):
        dr.render_phong(s, to_clip, eye, SIZE, PHONG)
    drawn, there_are = s.native.kernels.blocks()
    assert 0 < drawn < 0.5 * there_are


def test_matrices_that_are_not_numbers_show_the_background(monkeypatch):
    s, full = twins(building().mesh, torch.float32, monkeypatch)
    for value in (math.nan, math.inf, 0.0, 1e30):
        to_clip = torch.full((1, 4, 4), value)
        for a, b in zip(*(dr.render_phong(x, to_clip, torch.zeros(1, 3), SIZE, PHONG) for x in (s, full)), strict=True):
            assert torch.equal(a, b)


@FORWARD_AD
def test_forward_mode(monkeypatch):
    mesh = SCENES["spheres"]()
    s, full = twins(mesh, torch.float32, monkeypatch)
    start = cameras(mesh, torch.float32)
    tangents = tuple(torch.linspace(-1, 1, t.numel()).reshape(t.shape) for t in start)
    have, want = (
        torch.func.jvp(lambda m, e, x=x: dr.render_phong(x, m, e, SIZE, PHONG), start, tangents)[1] for x in (s, full)
    )
    assert all(torch.equal(a, b) for a, b in zip(have, want, strict=True))
