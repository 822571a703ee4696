"""The steps on CUDA, as the code takes them, on tensors without values: nothing in one makes the host wait."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from tests.optimization.cuda_on_meta import CudaOnMeta, NvdiffrastOnMeta
from tests.optimization.on_meta import NAMES, descent, on_meta, scene
from tvdrnet_nv import MatchImage, Orbit
from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops import nvdiffrast
from tvdrnet_nv.ops.antialias import cuda as antialias
from tvdrnet_nv.ops.backends import TABLE
from tvdrnet_nv.optimization.levenberg_marquardt import LevenbergMarquardt
from tvdrnet_nv.optimization.orbit_coordinates import OrbitCoordinates

TRITON = importlib.util.find_spec("triton") is not None


@pytest.fixture(params=["eager", "triton"])
def device(request, monkeypatch: pytest.MonkeyPatch) -> Iterator[CudaOnMeta]:
    """Without kernels of ours, and with all of them."""
    own = TABLE["cuda"]._loaded
    monkeypatch.setitem(own, "launch", lambda kernels, job, grid, device: None)
    monkeypatch.setitem(
        own, "why_not_launched", lambda device: None if request.param == "triton" else "there is no NVRTC"
    )
    monkeypatch.setattr(antialias, "_say", lambda missing: None)
    if request.param == "triton":
        if not TRITON:
            pytest.skip("THE TRITON KERNELS ARE NOT TESTED: triton is not installed (pip install '.[triton]')")
        for op in ("transform", "shade", "losses", "sums"):
            monkeypatch.setattr(f"tvdrnet_nv.kernels.cuda.{op}.launch", lambda *arguments, **constants: None)
    monkeypatch.setattr(cuda, "available", lambda: request.param == "triton")
    monkeypatch.setattr(nvdiffrast, "load", lambda: NvdiffrastOnMeta)
    for module in ("columns", "tvdrnet"):  # reads the start, once for a run
        monkeypatch.setattr(f"tvdrnet_nv.optimization.{module}.widened", lambda limits, start: limits)
    with CudaOnMeta(monkeypatch) as found:
        yield found


@pytest.mark.parametrize("cameras", [1, 3])
@pytest.mark.parametrize("loss", ["heuristic", "squared error"])
@pytest.mark.parametrize("method", ["adam", "tvdrnet"])
def test_a_step_copies_nothing(device: CudaOnMeta, method: str, loss: str, cameras: int) -> None:
    renderer, start = scene(20, cameras)
    steps = descent(method, loss, start, renderer)
    device.copies.clear()
    for _ in range(3):
        look = steps.iterate()
        assert look.loss.shape == look.has_gradient.shape == (cameras,)
        assert look.loss.device.type == "cuda"
    assert device.copies == []


def test_a_batch_is_one_call_of_each_op_and_a_large_one_is_split(device: CudaOnMeta, monkeypatch) -> None:
    called: list[tuple[int, ...]] = []

    class Counting(NvdiffrastOnMeta):
        @staticmethod
        def rasterize(glctx, pos, tri, resolution, ranges=None, grad_db=True):
            called.append(tuple(pos.shape))
            assert ranges is None  # instanced: every camera has its own clip positions, all share the triangles
            return NvdiffrastOnMeta.rasterize(glctx, pos, tri, resolution)

    monkeypatch.setattr(nvdiffrast, "load", lambda: Counting)
    renderer, start = scene(16, 5)
    vertices = renderer.mesh.num_vertices
    with torch.no_grad():
        assert renderer(start.camera()).rgba.shape == (5, 16, 16, 4)
        assert called == [(5, vertices, 4)]
        called.clear()
        monkeypatch.setattr("tvdrnet_nv.drawing._CHUNK_BYTES", 2 * 4 * (8 * vertices + 32 * 16 * 16))
        assert renderer(start.camera()).rgba.shape == (5, 16, 16, 4)
        assert called == [(2, vertices, 4), (2, vertices, 4), (1, vertices, 4)]


def test_levenberg_marquardt_reads_back_once_in_an_iteration(device: CudaOnMeta, monkeypatch) -> None:
    # The search's coarser mesh reads back how many vertices it has, once for a run.
    monkeypatch.setattr("tvdrnet_nv.optimization.search.clustered", lambda mesh, cell: mesh)
    renderer, _ = scene(16, 3)
    start = Orbit.create([2.0, 2.5, 3.0], 10.0, 20.0)
    coordinates = OrbitCoordinates(start, NAMES, 1.0)
    objective = on_meta(MatchImage(torch.rand(16, 16, 3)))
    method = LevenbergMarquardt(start, coordinates, renderer, objective)
    method.iterate()  # the search
    device.copies.clear()
    look = method.iterate()
    assert look.loss.shape == (3,)
    assert device.copies.count("cpu") == 1
    assert set(device.copies) == {"cpu", "to"}  # and the cameras to the device


@pytest.mark.parametrize("read", [bool, float, Tensor.item, Tensor.tolist, Tensor.numpy, Tensor.nonzero])
def test_the_stand_in_has_no_values(device: CudaOnMeta, read) -> None:
    with pytest.raises((RuntimeError, NotImplementedError, TypeError)):
        read(torch.ones((), device="cuda"))


def test_the_stand_in_sees_copies(device: CudaOnMeta) -> None:
    there = torch.ones(2, device="cuda")
    assert there.device.type == "cuda"
    there.cpu()
    there.to("cpu")
    there.new_tensor([1.0])
    torch.tensor([1.0], device="cuda")
    torch.ones(2).to(there)
    torch.ones(2).to("cuda")
    assert device.copies == ["cpu", "to", "new_tensor", "tensor", "to", "to"]
    assert (there + 1).device.type == "cuda"
