"""How long lifting takes: 20 views of 640 × 480 on 150,000 triangles.

Rows: what, seconds, cpu_seconds (of all threads; other programs hardly change it), limit, passed. "evidence" is the
visibility, the weights and the sums of all views together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import torch

from tvdrnet_nv.benchmarks.lifting.oracle import SIZE
from tvdrnet_nv.lifting import Evidence, MaskOfViews, fill_unseen, graph_cut, lift_features, superpoints
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import room
from tvdrnet_nv.starts import scene_orbit

Row = dict[str, Any]

TRIANGLES, VIEWS, CHANNELS = 150_000, 20, 512
LIMITS = {"evidence": 1.0, "superpoints": 2.0, "graph cut": 2.0}


def lifting_speed(device: torch.device, *, mesh: Mesh | None = None, repeats: int = 3) -> Iterator[Row]:
    """Time each step, the median of some.

    Args:
        device: what rasterizes; sums are always on the CPU.
        mesh: the scene; by default a room of 150,000 triangles.
        repeats: how often each step is timed.
    """
    mesh = (room(TRIANGLES) if mesh is None else mesh).to(device)
    start = scene_orbit(mesh, elevation=30.0, azimuth=0.0)
    orbit = start.expand(VIEWS).replace(azimuth=360.0 * torch.arange(VIEWS, dtype=start.dtype) / VIEWS)
    cameras = orbit.replace(distance=0.6 * orbit.distance).camera().to(device)
    random = torch.Generator().manual_seed(0)
    # The middle of each picture, with noise: a mask that changes from view to view, wrong at every fifth pixel.
    wrong = torch.rand(VIEWS, *SIZE, generator=random) < 0.2
    middle = torch.zeros(SIZE, dtype=torch.bool)
    middle[SIZE[0] // 4 : -SIZE[0] // 4, SIZE[1] // 4 : -SIZE[1] // 4] = True
    masks = (wrong ^ middle).float()
    maps = torch.rand(60, 80, CHANNELS, generator=random)
    evidence = Evidence(mesh, rule="log-odds")
    known = Evidence(mesh, rule="log-odds")

    def add() -> None:
        once = evidence.empty()
        for k in range(VIEWS):
            once.add(cameras[k], masks[k])

    def chain() -> None:
        lifting = MaskOfViews(mesh)
        for k in range(VIEWS):
            lifting.add(cameras[k], masks[k])
        lifting.lifted()

    for k in range(VIEWS):
        known.add(cameras[k], masks[k])
    odds = known.log_odds()[:, 0]
    steps: dict[str, Callable[[], object]] = {
        "what is prepared once": lambda: Evidence(mesh),
        "evidence": add,
        "superpoints": lambda: superpoints(mesh),
        "graph cut": lambda: graph_cut(mesh, odds),
        "unseen filled": lambda: fill_unseen(mesh, torch.sigmoid(odds)),
        "the whole chain": chain,
        f"features of {CHANNELS} numbers": lambda: lift_features(mesh, cameras, [maps] * VIEWS, SIZE),
    }
    for what, step in steps.items():
        seconds, of_cpu = sorted(_timed(step) for _ in range(repeats))[repeats // 2]
        limit = LIMITS.get(what)
        passed = limit is None or seconds <= limit
        yield {"what": what, "seconds": seconds, "cpu_seconds": of_cpu, "limit": limit, "passed": passed}


def _timed(step: Callable[[], object]) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    step()
    return time.perf_counter() - began, time.process_time() - cpu
