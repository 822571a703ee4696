"""The backend "cuda" without a GPU: the CPU's kernels stand for nvdiffrast, and our own CUDA kernels go through the
stub of libcuda, which runs them on the CPU."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tests.ops.native.stub import Stub, build
from tests.ops.test_rasterize_emulated import ROOM, around, clip
from tvdrnet_nv import Renderer, ops
from tvdrnet_nv.conformance import Status, run
from tvdrnet_nv.kernels import cuda as triton_kernels
from tvdrnet_nv.ops import nvdiffrast
from tvdrnet_nv.ops.antialias import cuda
from tvdrnet_nv.ops.backends import TABLE, Backend, using
from tvdrnet_nv.starts import scene_light

POS = clip(ROOM, around(ROOM))  # by the CPU's kernels, whichever backend it is given to


class StandIn:
    """`nvdiffrast.torch` with the CPU's `rasterize`, and an `antialias` that can be told from ours."""

    RasterizeCudaContext = ops.RasterizeCudaContext

    @staticmethod
    def rasterize(glctx, pos, tri, resolution, ranges=None, grad_db=True) -> tuple[Tensor, Tensor]:
        with using("cpu"):
            return ops.rasterize(ops.RasterizeCudaContext(), pos, tri, resolution, ranges, grad_db)

    @staticmethod
    def interpolate(attr, rast, tri, rast_db=None, diff_attrs=None) -> tuple[Tensor, Tensor]:
        with using("cpu"):
            return ops.interpolate(attr, rast, tri, rast_db, diff_attrs)

    @staticmethod
    def antialias_construct_topology_hash(tri: Tensor) -> str:
        return "nvdiffrast's"

    @staticmethod
    def antialias(color, rast, pos, tri, topology_hash, pos_gradient_boost) -> Tensor:
        assert topology_hash == "nvdiffrast's"
        return color + 1


@pytest.fixture(scope="module")
def built_stub(tmp_path_factory):
    return build(tmp_path_factory.mktemp("stub"))


@pytest.fixture
def stub(built_stub, tmp_path, monkeypatch) -> Stub:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = Stub(built_stub, tmp_path)
    made.emulate()
    return made


def row_of_cuda(missing: str | None, stub: Stub) -> Backend:
    """The backend "cuda", for CPU tensors."""
    row = TABLE["cuda"]
    functions = {**row.functions, "launch": stub.gpus().launch, "why_not_launched": lambda device: missing}
    walk = float("inf") if missing is None else 1
    return dataclasses.replace(row, device_type="cpu", functions=functions, longest_walk=lambda device=None: walk)


@pytest.fixture
def on_cuda(monkeypatch, stub) -> Iterator[Backend]:
    monkeypatch.setattr(nvdiffrast, "load", lambda: StandIn)
    monkeypatch.setattr(triton_kernels, "available", lambda: False)  # they would need a GPU
    with using(row_of_cuda(None, stub)) as backend:
        yield backend


def derivatives(walk: int) -> list[Tensor]:
    """The image, its gradients and its tangent."""
    pos = POS.clone()
    color = torch.rand((3, 64, 80, 4), generator=torch.Generator().manual_seed(0))
    leaves = [color.requires_grad_(), pos.requires_grad_()]
    rast, _ = ops.rasterize(ops.RasterizeCudaContext(), pos.detach(), ROOM.faces, (64, 80))
    topology = ops.antialias_construct_topology_hash(ROOM.faces)

    def image(color: Tensor, pos: Tensor) -> Tensor:
        return ops.antialias(color, rast, pos, ROOM.faces, topology, 1.5, walk=walk)

    out = image(*leaves)
    gradients = torch.autograd.grad((out * torch.linspace(0, 1, out.numel()).reshape(out.shape)).sum(), leaves)
    detached = [leaf.detach() for leaf in leaves]
    tangent = torch.func.jvp(image, tuple(detached), tuple(torch.ones_like(x) for x in detached))[1]
    return [out.detach(), *gradients, tangent]


@FORWARD_AD
@pytest.mark.parametrize("walk", [1, 64])
def test_every_bit_behind_nvdiffrast_is_the_cpus(on_cuda, stub, walk: int) -> None:
    have = derivatives(walk)
    with using("cpu"):
        want = derivatives(walk)
    for x, y in zip(have, want, strict=True):
        assert torch.equal(x, y)
        assert float(x.abs().max()) > 0
    names = [line.split()[1] for line in stub.said("launch")]
    assert names == [
        *("tvdr_antialias_find", "tvdr_antialias_blend", "tvdr_antialias_grad_pixels", "tvdr_vertex_sums"),
        *("tvdr_antialias_find", "tvdr_antialias_blend", "tvdr_antialias_tangent"),
    ]


def test_the_contract_of_antialias_holds(on_cuda) -> None:
    outcomes = [x for x in run(on_cuda, "") if x.case.op == "antialias"]
    assert len(outcomes) > 15
    assert [f"{x.case.name}: {x.detail}" for x in outcomes if x.status is Status.failed] == []


def test_a_renderer_walks_far(on_cuda, stub) -> None:
    orbit = around(ROOM)
    image = Renderer(ROOM, 48, light=scene_light(orbit[:1]))(orbit.camera()).rgba
    assert "tvdr_antialias_find" in " ".join(stub.said("launch"))
    with using("cpu"):
        expected = Renderer(ROOM, 48, light=scene_light(orbit[:1]))(orbit.camera()).rgba
    assert float((image - expected).abs().max()) < 1e-4  # shading in torch rounds otherwise


def test_where_our_kernels_cannot_be_compiled_nvdiffrast_antialiases_and_that_is_said_once(stub, monkeypatch) -> None:
    monkeypatch.setattr(nvdiffrast, "load", lambda: StandIn)
    cuda._say.cache_clear()
    color, pos = torch.zeros((1, 4, 4, 3)), clip(ROOM, around(ROOM)[:1])
    with using(row_of_cuda("NVRTC is not installed; install it", stub)):
        rast, _ = ops.rasterize(ops.RasterizeCudaContext(), pos, ROOM.faces, (4, 4))
        with pytest.warns(RuntimeWarning, match=r"^silhouettes are nvdiffrast's, .*: NVRTC is not installed; install"):
            out = ops.antialias(color, rast, pos, ROOM.faces)
        assert torch.equal(out, color + 1)
        assert torch.equal(ops.antialias(color, rast, pos, ROOM.faces), color + 1)  # without another warning
        with pytest.raises(ValueError, match="walk must be at most 1 on the backend 'cuda'; got 2"):
            ops.antialias(color, rast, pos, ROOM.faces, walk=2)
    assert stub.said("launch") == []


def test_other_precisions_are_refused(on_cuda) -> None:
    color = torch.zeros((1, 4, 4, 3), dtype=torch.float64)
    with pytest.raises(TypeError, match="color must be float32 on the backend 'cuda'"):
        ops.antialias(color, torch.zeros((1, 4, 4, 4)).double(), torch.zeros((1, 3, 4)).double(), ROOM.faces[:0])
