"""The CUDA kernels of render_phong, block by block on the CPU: images, gradients and tangents are the CPU kernels', to
the last bit."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tests.ops.phong_scenes import ODD, PHONG, cameras, scene
from tests.ops.test_rasterize_emulated import ROOM
from tvdrnet_nv import Mesh, Renderer, load_mesh, ops
from tvdrnet_nv.ops.backends import using
from tvdrnet_nv.ops.native import Grid
from tvdrnet_nv.ops.render_phong import native
from tvdrnet_nv.scenes import sphere
from tvdrnet_nv.starts import scene_light, scene_orbit

FLOAT = torch.float32


def random(shape: torch.Size, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def results(
    name: str, mesh: Mesh, size: tuple[int, int], walk: int, phong=PHONG, tangents: bool = True
) -> list[Tensor]:
    """Image, rast, the gradients of matrices and eyes through each of the two and both, and tangents."""
    matrices, eyes = cameras(mesh, FLOAT, size[1] / size[0])
    with using(name):
        made = scene(mesh, FLOAT, antialias=walk > 0)

        def render(m: Tensor, e: Tensor) -> tuple[Tensor, Tensor]:
            return ops.render_phong(made, m, e, size, phong, walk=walk)

        leaves = [matrices.clone().requires_grad_(), eyes.clone().requires_grad_()]
        image, rast = render(*leaves)
        found = [image.detach(), rast.detach(), made.to_clip(matrices)]
        sums = [(image * random(image.shape, 0)).sum(), (rast * random(rast.shape, 1)).sum()]
        for loss in (*sums, sums[0] + sums[1]):
            found += torch.autograd.grad(loss, leaves, retain_graph=True)
        if tangents:
            steps = random(matrices.shape, 2), random(eyes.shape, 3)
            found += torch.func.jvp(render, (matrices, eyes), steps)[1]
        with torch.no_grad():
            found += render(matrices, eyes)
    return found


def assert_same(*arguments, **options) -> list[Tensor]:
    have, want = (results(name, *arguments, **options) for name in ("cuda-emulated", "cpu"))
    assert len(have) == len(want) >= 11
    for i, (x, y) in enumerate(zip(have, want, strict=True)):
        assert torch.equal(x, y), i
    assert [i for i, x in enumerate(have) if float(x.abs().max()) == 0] == [6]  # u and v know nothing of the eye
    return have


@FORWARD_AD
@pytest.mark.parametrize("size", [64, 128, 256, 512])
@pytest.mark.parametrize("mesh", [ROOM, sphere(4)], ids=["room", "sphere"])
def test_every_bit_is_the_cpus(mesh: Mesh, size: int) -> None:
    assert_same(mesh, (size, size), ops.LONG_WALK)


@FORWARD_AD
@pytest.mark.parametrize("size", [64, 512])
def test_every_bit_is_the_cpus_on_the_scan(scan_path, size: int) -> None:
    assert_same(load_mesh(scan_path), (size, size), ops.LONG_WALK)


@FORWARD_AD
@pytest.mark.parametrize(("size", "walk"), [((37, 75), 0), ((75, 131), 1), ((530, 520), 64)])
def test_odd_sizes_with_and_without_antialiasing(size: tuple[int, int], walk: int) -> None:
    assert_same(ROOM, size, walk, ODD)


def test_neither_the_grid_nor_a_camera_of_nan_matters(monkeypatch) -> None:
    matrices, eyes = cameras(ROOM, FLOAT, 1.0)
    matrices[1] = torch.nan
    images = {}
    for name, grid in (
        ("cpu", None),
        ("cuda-emulated", None),
        ("cuda-emulated", Grid(3, 5)),
        ("cuda-emulated", Grid(999, 1)),
    ):
        with using(name):
            made = scene(ROOM, FLOAT)
            if name == "cpu":
                images[name, grid] = ops.render_phong(made, matrices, eyes, (40, 50), PHONG)
            else:
                images[name, grid] = native.forward(matrices, eyes, made, (40, 50), PHONG, 64, False, grid)[:2]
    want = images["cpu", None]
    assert float(want[1][1].abs().max()) == 0
    for have in images.values():
        assert torch.equal(have[0], want[0])
        assert torch.equal(have[1], want[1])


def test_a_renderer_draws_with_it(monkeypatch) -> None:
    orbit = scene_orbit(ROOM, elevation=30.0, azimuth=50.0)
    images = []
    for name in ("cpu", "cuda-emulated"):
        with using(name):
            images.append(Renderer(ROOM, (48, 64), light=scene_light(orbit))(orbit.camera()).rgba)
    assert torch.equal(*images)


def test_other_precisions_are_refused() -> None:
    with using("cuda-emulated"), pytest.raises(TypeError, match="vertices must be float32 on the backend 'cuda-emu"):
        scene(sphere(1), torch.float64, antialias=False)
