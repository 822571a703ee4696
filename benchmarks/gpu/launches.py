"""How many kernels a step launches, how often the host waits, and how long a step takes, by the images' size."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from tvdrnet_nv.benchmarks.speed.clock import Clock
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import view_heuristic
from tvdrnet_nv.optimization import optimize
from tvdrnet_nv.renderer import Render, Renderer
from tvdrnet_nv.starts import scene_light, scene_orbit

_SIZES = (256, 512, 768, 1024)
_STEPS = 20
_LAUNCHES = ("cudaLaunchKernel", "cuLaunchKernel", "cudaGraphLaunch")
_WAITS = ("cudaStreamSynchronize", "cudaDeviceSynchronize", "cudaEventSynchronize")


def check(mesh: Mesh, device: torch.device, size: int | None) -> dict[str, Any]:
    """A step of Adam on TVDRNet's heuristic at each size: milliseconds, and on CUDA launches and waits."""
    sizes = _SIZES if size is None else (size,)
    return {f"step at {size}": {**_step(mesh, device, size), "good": True} for size in sizes}


def _step(mesh: Mesh, device: torch.device, size: int) -> dict[str, Any]:
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
    few, many = (_calls(lambda count=count: steps(count)) for count in (4, _STEPS))  # without what comes once
    return {"ms": milliseconds, **{name: (many[name] - few[name]) / (_STEPS - 4) for name in many}}


def _calls(run: Any) -> dict[str, int]:
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as recorded:
        run()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "trace.json")
        recorded.export_chrome_trace(str(file))
        events = json.loads(file.read_text("utf-8"))["traceEvents"]
    return counted(event.get("name", "") for event in events if event.get("ph") == "X")


def counted(names: Iterable[str]) -> dict[str, int]:
    """Launches, waits and copies among the names of CUDA's calls."""
    found = {"launches": 0, "waits": 0, "copies": 0}
    for name in names:
        found["launches"] += name.startswith(_LAUNCHES)
        found["waits"] += name.startswith(_WAITS)
        found["copies"] += name.startswith("cudaMemcpy")
    return found
