"""The fused step as a CUDA graph, as far as that can be seen without a GPU: nothing in it is forbidden while one is
captured, and its launches do the next step too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from tests.ops.native.stub import STREAM, Stub
from tests.ops.phong_scenes import PHONG, cameras, scene
from tests.optimization import on_meta
from tests.optimization.cuda_on_meta import CudaOnMeta
from tests.optimization.launches import FREE, Launches
from tvdrnet_nv import ops, view_heuristic
from tvdrnet_nv.ops.backends import TABLE, using
from tvdrnet_nv.ops.native import emulated
from tvdrnet_nv.scenes import room

SIZE = (40, 56)
TARGET = torch.rand((*SIZE, 3), generator=torch.Generator().manual_seed(0))
LOSSES: dict[str, Callable[[Tensor], Tensor]] = {
    "heuristic": ops.view_heuristic_loss,
    "squared error": lambda image: ops.mean_squared_error(image, TARGET),
}


@pytest.mark.parametrize("index", [0, 1])
def test_a_step_calls_nothing_that_capture_forbids(stub: Stub, monkeypatch: pytest.MonkeyPatch, index: int) -> None:
    """On tensors without values, with the cameras on the GPU, through the stub of libcuda; all on the tensors' GPU."""
    gpus, own = stub.gpus(), TABLE["fused"]._loaded
    monkeypatch.setitem(own, "launch", gpus.launch)
    monkeypatch.setitem(own, "prepare", lambda device: gpus.prepare(device.index))
    with using("fused"), CudaOnMeta(monkeypatch, index) as device:
        renderer, start = on_meta.scene(20, 3)  # makes the kernels ready
        camera = start.camera()
        parts = [camera.R.requires_grad_(), camera.T.requires_grad_()]
        device.copies.clear()
        before = len(stub.said())
        stub.set(capturing=1)
        with Launches() as torchs:
            loss = view_heuristic(renderer(camera.replace(R=parts[0], T=parts[1])))
            grads = torch.autograd.grad(loss.sum(), parts)
    assert [grad.shape for grad in grads] == [(3, 3, 3), (3, 3)]
    calls = stub.said()[before:]
    assert len(calls) == 12
    assert all(call.startswith("launch ") and f"stream {STREAM + index:#x} on {index}" in call for call in calls), calls
    assert torchs.copied == device.copies == []
    assert set(stub.asked_whether_capturing) == {index}


def test_what_is_not_loaded_before_a_capture_is_refused(stub: Stub) -> None:
    gpus, one = stub.gpus(), torch.device("cuda", 0)
    gpus.launch(["vertex_sums"], b"", (1, 1), one)
    stub.set(capturing=1)
    gpus.launch(["vertex_sums"], b"", (1, 1), one)
    with pytest.raises(RuntimeError) as raised:
        gpus.launch(["render_shade"], b"", (1, 1), one)
    assert str(raised.value) == (
        "the kernel render_shade is not loaded yet, and nothing can be loaded while a CUDA graph is captured; take the "
        "step once before"
    )
    gpus = stub.gpus()
    with pytest.raises(RuntimeError, match="nothing can be loaded while a CUDA graph is captured"):
        gpus.prepare(0)


class Graph(TorchDispatchMode):
    """Keeps the memory of all tensors that are made, as a graph's pool does, and notes what torch computes."""

    def __init__(self) -> None:
        super().__init__()
        self.memory: list[Tensor] = []
        self.computed: list[str] = []
        self.launches: list[tuple[Any, ...]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self.memory += [x for x in (out if isinstance(out, (tuple, list)) else [out]) if isinstance(x, Tensor)]
        name = func.name().split("::")[1].split(".")[0]
        if name not in FREE:
            self.computed.append(name)
        return out

    def launch(self, *arguments: Any) -> None:
        self.launches.append(arguments)
        emulated.launch(*arguments)

    def replay(self) -> None:
        for arguments in self.launches:
            emulated.launch(*arguments)


@pytest.mark.parametrize("loss", LOSSES)
def test_its_launches_do_the_next_step_too(loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the emulation: torch computes nothing between the launches, and no number of the host's is in them."""
    mesh = room(6000, seed=3)
    matrices, eyes = cameras(mesh, torch.float32, SIZE[1] / SIZE[0])
    with using("cuda-emulated"):
        made = scene(mesh, torch.float32)

        def step(to_clip: Tensor, eye: Tensor, ones: Tensor) -> list[Tensor]:
            image, rast = ops.render_phong(made, to_clip, eye, SIZE, PHONG)
            value = LOSSES[loss](image)
            return [image, rast, value, *torch.autograd.grad(value, (to_clip, eye), ones)]

        ones = torch.ones(2)
        there = [matrices[:2].clone().requires_grad_(), eyes[:2].clone().requires_grad_()]
        graph = Graph()
        with monkeypatch.context() as patched, graph:
            patched.setitem(TABLE["cuda-emulated"]._loaded, "launch", graph.launch)
            captured = step(there[0], there[1], ones)
        first = [x.detach().clone() for x in captured]
        for other in ([1, 2], [2, 0], [0, 1]):
            with torch.no_grad():
                there[0].copy_(matrices[other])
                there[1].copy_(eyes[other])
            graph.replay()
            want = step(matrices[other].requires_grad_(), eyes[other].requires_grad_(), ones)
            for have, same in zip(captured, want, strict=True):
                assert torch.equal(have, same)
    assert sum(len(kernels) for kernels, *_ in graph.launches) == 12
    assert graph.computed == []
    for have, same in zip(captured, first, strict=True):
        assert torch.equal(have, same)  # back at the first cameras
    assert all(bool(x.any()) for x in first)
