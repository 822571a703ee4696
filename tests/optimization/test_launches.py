"""How many kernels a step launches on CUDA, and what it copies, counted on tensors without values."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tests.optimization.cuda_on_meta import CudaOnMeta
from tests.optimization.launches import Launches, rasterizes
from tests.optimization.on_meta import descent, scene
from tests.optimization.test_cuda_on_meta import TRITON
from tvdrnet_nv import Orbit
from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops import nvdiffrast
from tvdrnet_nv.ops.backends import TABLE, using

MOST = {"cuda": 19, "fused": 12}
SECOND = torch.device("cuda", 1)  # a GPU that is not the current one


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> Launches:
    counted = Launches()
    if TRITON:
        for op in ("transform", "shade", "losses", "sums"):
            monkeypatch.setattr(
                f"tvdrnet_nv.kernels.cuda.{op}.launch", lambda *_, op=op, **__: counted.found.append(f"triton {op}")
            )
    monkeypatch.setattr(cuda, "available", lambda: TRITON)
    monkeypatch.setattr(nvdiffrast, "load", lambda: rasterizes(counted.found))
    for name in MOST:

        def launch(kernels: list[str], job: bytes, grid: object, device: torch.device) -> None:
            assert device == SECOND
            counted.found.extend(kernels)

        monkeypatch.setitem(TABLE[name]._loaded, "launch", launch)
        monkeypatch.setitem(TABLE[name]._loaded, "prepare", lambda device: None)
        monkeypatch.setitem(TABLE[name]._loaded, "why_not_launched", lambda *_: None)
    return counted


@pytest.fixture(params=MOST)
def backend(request, launches: Launches, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param == "cuda" and not TRITON:
        pytest.skip("THE LAUNCHES AROUND NVDIFFRAST ARE NOT COUNTED: triton is not installed (pip install '.[triton]')")
    with using(request.param), CudaOnMeta(monkeypatch, SECOND.index):
        yield request.param


@pytest.mark.parametrize("loss", ["heuristic", "squared error"])
@pytest.mark.parametrize("method", ["adam", "tvdrnet"])
def test_a_step_launches_few_kernels_and_copies_once_each_way(
    backend: str, launches: Launches, method: str, loss: str
) -> None:
    renderer, _ = scene(20, 1)
    start = Orbit.create([2.0, 2.5], 10.0, 20.0)
    steps = descent(method, loss, start, renderer)
    with launches:
        steps.iterate()
        launches.found.clear()
        look = steps.iterate()
    assert look.loss.device == SECOND
    assert look.viewpoint.device.type == "cpu"
    assert launches.copied == ["to device", "to host"]
    assert 12 <= len(launches.launched) <= MOST[backend], launches.launched
