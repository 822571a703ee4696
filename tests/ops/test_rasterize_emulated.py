"""The CUDA kernels of rasterize, block by block on the CPU: every bit is the CPU kernels'."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv import Mesh, Orbit, load_mesh, ops
from tvdrnet_nv.ops.backends import using
from tvdrnet_nv.ops.native import Grid
from tvdrnet_nv.ops.rasterize import cpu, native
from tvdrnet_nv.scenes import room, sphere
from tvdrnet_nv.starts import scene_orbit

ROOM = room(5000)


def clip(mesh: Mesh, orbit: Orbit, near: float = 0.05, far: float = 100.0) -> Tensor:
    return orbit.camera().to_clip(mesh.vertices, 1.0, near=near * (mesh.radius or 1.0), far=far * (mesh.radius or 1.0))


def around(mesh: Mesh) -> Orbit:
    return scene_orbit(mesh, elevation=25.0).expand(3).replace(azimuth=torch.tensor([0.0, 100.0, 200.0]))


def inside(mesh: Mesh) -> Orbit:
    """Cameras among the furniture, most of the scene behind them or beside."""
    orbit = around(mesh)
    return orbit.replace(distance=orbit.distance * torch.tensor([0.02, 0.1, 0.3]))


def assert_same(
    pos: Tensor, tri: Tensor, resolution: tuple[int, int], grid: Grid | None = None, large_room: int = native.LARGE_ROOM
) -> Tensor:
    """Images and gradients; returns `rast`."""
    expected = cpu.forward(pos, tri, None, None, resolution, True)
    with using("cuda-emulated"):
        got = native.forward(pos, tri, None, None, resolution, True, grid, large_room)
    assert torch.equal(got[0], expected[0])
    assert torch.equal(got[1], expected[1])
    generator = torch.Generator().manual_seed(0)
    grad_rast, grad_db = (torch.randn(got[0].shape, generator=generator) for _ in range(2))
    for db in (grad_db, None):
        want, *_ = cpu.backward((pos, tri, expected[0]), True, None, grad_rast, db)
        with using("cuda-emulated"):
            have, *_ = native.backward((pos, tri, got[0]), True, None, grad_rast, db, grid)
        assert torch.equal(have, want)
    return got[0]


@pytest.mark.parametrize("view", [around, inside])
@pytest.mark.parametrize("size", [64, 128, 256, 512])
@pytest.mark.parametrize("mesh", [ROOM, sphere(4)], ids=["room", "sphere"])
def test_every_bit_is_the_cpus(mesh: Mesh, size: int, view) -> None:
    rast = assert_same(clip(mesh, view(mesh)), mesh.faces, (size, size))
    assert float((rast[..., 3] > 0).float().mean()) > 0.05


@pytest.mark.parametrize("size", [64, 512])
def test_every_bit_is_the_cpus_on_the_scan(scan_path, size: int) -> None:
    mesh = load_mesh(scan_path)
    assert_same(clip(mesh, around(mesh)), mesh.faces, (size, size))


@pytest.mark.parametrize("grid", [(1, 1, 0), (1, 7, 3), (3, 32, 1), (1000, 1, 1 << 16)])
def test_neither_the_grid_nor_the_room_for_large_triangles_matters(grid: tuple[int, int, int]) -> None:
    assert_same(clip(ROOM, inside(ROOM)), ROOM.faces, (75, 131), Grid(*grid[:2]), grid[2])


@pytest.mark.parametrize("seed", range(8))
def test_triangles_of_any_shape_on_all_sides_of_the_camera(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    pos = torch.randn((2, 60, 4), generator=generator) * torch.tensor([1.0, 1.0, 1.0, 0.7])
    pos[:, :20] = (pos[:, :20] * 4).round() / 4  # vertices on pixels' centres, equal depths, w of 0
    pos[0, 59] = float("nan")
    pos[1, 58, 2] = float("inf")
    tri = torch.randint(0, 60, (150, 3), generator=generator).int()
    assert_same(pos, tri, (33, 47))


def test_ranges_and_layers_are_the_cpus() -> None:
    pos = clip(ROOM, around(ROOM)[:1])[0]
    count = ROOM.num_faces
    ranges = torch.tensor([[0, count], [count // 3, count // 2], [5, 0]], dtype=torch.int32)
    context = ops.RasterizeCudaContext()
    layers: dict[str, list[Tensor]] = {}
    for name in ("cpu", "cuda-emulated"):
        with using(name), ops.DepthPeeler(context, pos, ROOM.faces, (50, 70), ranges) as peeler:
            layers[name] = [x for _ in range(4) for x in peeler.rasterize_next_layer()]
    for have, want in zip(layers["cuda-emulated"], layers["cpu"], strict=True):
        assert torch.equal(have, want)
    assert float((layers["cpu"][2][0, ..., 3] > 0).float().mean()) > 0.05


@FORWARD_AD
def test_the_op_has_both_modes() -> None:
    pos = clip(ROOM, around(ROOM)[:1])
    weights = torch.linspace(0, 1, 40 * 40 * 4).reshape(1, 40, 40, 4)
    derivatives = []
    for name in ("cpu", "cuda-emulated"):
        leaf = pos.clone().requires_grad_()

        def rasterize(p: Tensor) -> tuple[Tensor, Tensor]:
            return ops.rasterize(ops.RasterizeCudaContext(), p, ROOM.faces, (40, 40))

        with using(name):
            rast, db = rasterize(leaf)
            gradient = torch.autograd.grad(((rast + db) * weights).sum(), leaf)
            tangents = torch.func.jvp(rasterize, (pos,), (torch.ones_like(pos),))[1]
        derivatives.append([*gradient, *tangents])
    for have, want in zip(*derivatives, strict=True):
        assert float(want.abs().max()) > 0
        assert torch.equal(have, want)
