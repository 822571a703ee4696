"""A step captured as a CUDA graph, replayed for another camera, beside the step itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import view_heuristic
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.starts import scene_light, scene_orbit

_SAME = 1e-6  # of the largest number

Step = Callable[[], tuple[Tensor, ...]]


def check(mesh: Mesh, device: torch.device, size: int | None) -> dict[str, Any]:
    """Image, loss and gradients of a camera that was copied into the graph's memory."""
    orbit = scene_orbit(mesh, elevation=30.0, azimuth=40.0).to(device)
    renderer = Renderer(mesh.to(device), size or 256, light=scene_light(orbit))
    camera, other = orbit.camera(), orbit.replace(azimuth=orbit.azimuth + 35).camera()
    leaves = [camera.R.clone().requires_grad_(), camera.T.clone().requires_grad_()]

    def step() -> tuple[Tensor, ...]:
        render = renderer(camera.replace(R=leaves[0], T=leaves[1]))
        loss = view_heuristic(render).sum()
        return render.rgba, loss, *torch.autograd.grad(loss, leaves)

    held, replay = _captured(step, device)
    before = held[1].detach().clone()
    with torch.no_grad():
        for leaf, new in zip(leaves, (other.R, other.T), strict=True):
            leaf.copy_(new)
    replay()
    with torch.no_grad():
        pairs = [(have.detach().clone(), want.detach()) for have, want in zip(held, _eager(step), strict=True)]
        difference = max(float((have - want).abs().max() / want.abs().max()) for have, want in pairs)
    moved = bool(pairs[1][0] != before)
    return {"a replayed step": {"difference": difference, "moved": moved, "good": difference <= _SAME and moved}}


def _eager(step: Step) -> tuple[Tensor, ...]:
    with torch.enable_grad():
        return step()


def _captured(step: Step, device: torch.device) -> tuple[tuple[Tensor, ...], Callable[[], object]]:
    """A step's results, and what computes them anew in the same memory: a graph, or on the CPU the step again."""
    if device.type == "cuda":
        with torch.cuda.device(device):  # whose streams are meant below
            return _graph(step)
    held = tuple(result.detach().clone() for result in step())

    def again() -> None:
        for result, new in zip(held, step(), strict=True):
            result.copy_(new.detach())

    return held, again


def _graph(step: Step) -> tuple[tuple[Tensor, ...], Callable[[], object]]:
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        step()  # torch asks for one before a capture
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        held = step()
    graph.replay()
    return held, graph.replay
