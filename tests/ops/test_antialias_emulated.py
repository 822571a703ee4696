"""The CUDA kernels of antialias, block by block on the CPU: every bit is the CPU kernels', and so is every crossing."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tests.ops.test_rasterize_emulated import ROOM, around, clip, inside
from tvdrnet_nv import Mesh, load_mesh, ops
from tvdrnet_nv.ops.antialias import cpu, native
from tvdrnet_nv.ops.backends import using
from tvdrnet_nv.ops.native import Grid
from tvdrnet_nv.ops.rasterize.cpu import forward as rasterize
from tvdrnet_nv.scenes import sphere


def assert_same(pos: Tensor, tri: Tensor, resolution: tuple[int, int], walk: int, grid: Grid | None = None) -> Tensor:
    """Returns the crossings."""
    rast, _ = rasterize(pos, tri, None, None, resolution, False)
    color = torch.rand((*rast.shape[:3], 5), generator=torch.Generator().manual_seed(0))
    topology = cpu.topology(tri)
    expected = cpu.forward(color, rast, pos, tri, *topology, 1.0, walk)
    with using("cuda-emulated"):
        got = native.forward(color, rast, pos, tri, *topology, 1.0, walk, grid)
    assert torch.equal(got[0], expected[0])
    assert torch.equal(native.compact(got[1]), expected[1])
    assert_same_gradients(color, rast, pos, tri, topology, expected[1], got[1], grid)
    return expected[1]


def assert_same_gradients(color, rast, pos, tri, topology, crossings, dense, grid: Grid) -> None:
    """Of the colours and the vertices, for a gradient of the image that is different everywhere."""
    grad_out = torch.randn(color.shape, generator=torch.Generator().manual_seed(1))
    needs = (True, False, True, *[False] * 5)
    want = cpu.backward((color, rast, pos, tri, *topology, crossings), 1.5, needs, grad_out)
    with using("cuda-emulated"):
        have = native.backward((color, rast, pos, tri, *topology, dense), 1.5, needs, grad_out, grid)
    for x, y in ((have[0], want[0]), (have[2], want[2])):
        assert torch.equal(x.nan_to_num(), y.nan_to_num())
        assert torch.equal(x.isnan(), y.isnan())


@pytest.mark.parametrize("walk", [1, ops.LONG_WALK])
@pytest.mark.parametrize("size", [64, 128, 256, 512])
@pytest.mark.parametrize("mesh", [ROOM, sphere(4)], ids=["room", "sphere"])
def test_every_crossing_and_every_bit_are_the_cpus(mesh: Mesh, size: int, walk: int) -> None:
    crossings = assert_same(clip(mesh, around(mesh)), mesh.faces, (size, size), walk)
    assert len(crossings) > (size if walk > 1 else 0)


def test_from_inside_a_scene_on_any_grid() -> None:
    for grid in (None, Grid(1, 1), Grid(500, 3)):
        assert len(assert_same(clip(ROOM, inside(ROOM)), ROOM.faces, (75, 131), 64, grid))


@pytest.mark.parametrize("size", [64, 512])
def test_every_crossing_is_the_cpus_on_the_scan(scan_path, size: int) -> None:
    mesh = load_mesh(scan_path)
    assert len(assert_same(clip(mesh, around(mesh)), mesh.faces, (size, size), ops.LONG_WALK)) > size


@pytest.mark.parametrize("seed", range(8))
def test_triangles_of_any_shape_and_edges_of_many_triangles(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    pos = torch.randn((2, 12, 4), generator=generator) * torch.tensor([1.0, 1.0, 1.0, 0.7])
    tri = torch.randint(0, 12, (60, 3), generator=generator).int()
    assert len(assert_same(pos, tri, (33, 47), 8)) > 0


@FORWARD_AD
def test_the_op_has_both_modes() -> None:
    pos = clip(ROOM, around(ROOM)[:1])
    rast, _ = rasterize(pos, ROOM.faces, None, None, (40, 40), False)
    color = torch.rand((1, 40, 40, 3), generator=torch.Generator().manual_seed(0))
    weights = torch.linspace(0, 1, color.numel()).reshape(color.shape)
    derivatives = []
    for name in ("cpu", "cuda-emulated"):
        leaves = [x.clone().requires_grad_() for x in (color, pos)]
        with using(name):
            topology = ops.antialias_construct_topology_hash(ROOM.faces)

            def antialias(c: Tensor, p: Tensor, topology=topology) -> Tensor:
                return ops.antialias(c, rast, p, ROOM.faces, topology, walk=64)

            gradients = torch.autograd.grad((antialias(*leaves) * weights).sum(), leaves)
            tangent = torch.func.jvp(antialias, (color, pos), (torch.ones_like(color), torch.ones_like(pos)))[1]
        derivatives.append([*gradients, tangent])
    for have, want in zip(*derivatives, strict=True):
        assert float(want.abs().max()) > 0
        assert torch.equal(have, want)
