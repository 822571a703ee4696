"""How many kernels a step launches, how often the host waits, and how long a step takes, by the images' size."""

from __future__ import annotations

import json
import re
import statistics
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from tvdrnet_nv.benchmarks.speed.clock import Clock
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import view_heuristic
from tvdrnet_nv.ops.backends import backend_for
from tvdrnet_nv.optimization import optimize
from tvdrnet_nv.renderer import Render, Renderer
from tvdrnet_nv.starts import scene_light, scene_orbit

_SIZES = (256, 512, 768, 1024)
_STEPS = 20
_LAUNCHES = ("cudaLaunchKernel", "cuLaunchKernel", "cudaGraphLaunch", "cuGraphLaunch", "cudaLaunchCooperativeKernel")
_COPIES = ("cudaMemcpy", "cuMemcpy")
_WAITS = re.compile(r"(cuda|cu)[A-Z][A-Za-z]*Synchronize(_|$)")  # cudaStreamSynchronize, cuCtxSynchronize, …

# In a step of `optimize`, whose host waits for the gradients; nvdiffrast waits too.
MOST_LAUNCHES = {"cuda": 30, "fused": 12}
MOST_WAITS = {"fused": 1}
_SELDOM = 0.25  # of what comes at every 16th step, when the losses are read


def check(mesh: Mesh, device: torch.device, size: int | None) -> dict[str, Any]:
    """A step of Adam on TVDRNet's heuristic at each size: milliseconds, and on CUDA launches and waits.

    On "fused" also what of a step the device does, from matrices that are there: it must not wait.
    """
    backend = backend_for(device).name
    figures: dict[str, Any] = {}
    for side in _SIZES if size is None else (size,):
        figures[f"step at {side}"] = judged(
            _step(mesh, device, side), MOST_LAUNCHES.get(backend), MOST_WAITS.get(backend)
        )
        if backend == "fused":
            figures[f"step at {side}, cameras on the device"] = judged(_on_device(mesh, device, side), None, 0)
    return figures


def judged(figures: dict[str, float], launches: float | None, waits: float | None) -> dict[str, Any]:
    """The figures, their limits, and whether they keep them; without launches there is nothing to judge."""
    limits = {"launches": launches, "waits": waits} if "launches" in figures else {}
    given = {name: limit for name, limit in limits.items() if limit is not None}
    # A step without a single launch was not recorded.
    good = all(figures[name] <= limit + _SELDOM for name, limit in given.items()) and figures.get("launches", 1) > 0
    return {**figures, **{f"most {name}": limit for name, limit in given.items()}, "good": good}


def _on_device(mesh: Mesh, device: torch.device, size: int) -> dict[str, float]:
    """Image, loss and the gradients of a camera's matrices, without the host's share."""
    orbit = scene_orbit(mesh, elevation=30.0, azimuth=40.0).to(device)
    renderer = Renderer(mesh.to(device), size, light=scene_light(orbit))
    camera = orbit.camera()
    leaves = [camera.R.clone().requires_grad_(), camera.T.clone().requires_grad_()]

    def steps(count: int) -> None:
        for _ in range(count):
            loss = view_heuristic(renderer(camera.replace(R=leaves[0], T=leaves[1]))).sum()
            torch.autograd.grad(loss, leaves)

    steps(_STEPS)
    return _per_step(steps)


def _step(mesh: Mesh, device: torch.device, size: int) -> dict[str, float]:
    start = scene_orbit(mesh, elevation=30.0, azimuth=40.0).to(device)
    renderer = Renderer(mesh.to(device), size, light=scene_light(start))
    clock = Clock(device)

    def objective(render: Render) -> torch.Tensor:
        clock.mark()
        return view_heuristic(render)

    def steps(count: int) -> None:
        optimize(renderer, start, objective, method="adam", iterations=count, learning_rate=1e-9)

    steps(_STEPS)
    clock = Clock(device)
    steps(_STEPS)
    milliseconds = 1e3 * statistics.median(clock.seconds())
    if device.type != "cuda":
        return {"ms": milliseconds}
    return {"ms": milliseconds, **_per_step(steps)}


def _per_step(steps: Callable[[int], None]) -> dict[str, float]:
    """Launches, waits and copies of one step, without what comes once."""
    few, many = (_calls(lambda count=count: steps(count)) for count in (4, _STEPS))
    return {name: (many[name] - few[name]) / (_STEPS - 4) for name in many}


def _calls(run: Callable[[], None]) -> dict[str, int]:
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as recorded:
        run()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "trace.json")
        recorded.export_chrome_trace(str(file))
        return counted(called(json.loads(file.read_text("utf-8"))))


def called(trace: dict[str, Any]) -> list[str]:
    """The names of CUDA's calls in a trace of torch's profiler."""
    return [e["name"] for e in trace["traceEvents"] if e.get("cat") in ("cuda_runtime", "cuda_driver")]


def counted(names: Iterable[str]) -> dict[str, int]:
    """Launches, waits and copies among the names of CUDA's calls. A copy that is not asynchronous is a wait too."""
    found = {"launches": 0, "waits": 0, "copies": 0}
    for name in names:
        found["launches"] += name.startswith(_LAUNCHES)
        copy = name.startswith(_COPIES)
        found["waits"] += bool(_WAITS.match(name)) or (copy and "Async" not in name)
        found["copies"] += copy
    return found
