"""Views of a part of the room, against a search over all of the orbit.

Each object of the room made by code is looked for as `tvdr-nv optimize --focus` does, and by trying every camera of a
fine grid. Both are judged by the same objective at the same size. The grid's best cameras are then polished, so that
the search is not beaten by the grid's coarseness alone.

A row: scene, object, triangles (of the object), views (of the grid), grid (its best score), best (polished, or ours
where that is higher), score (ours), value (score / best), pictures (that ours drew of the scene, small ones for the
clearance included), pictures_share and seconds_share (of the grid's), seconds, grid_seconds, visible, limit, passed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.defaults import FOCUS_ITERATIONS, FOCUS_LEARNING_RATE
from tvdrnet_nv.objectives import FocusOn
from tvdrnet_nv.optimization import optimize, search_focus
from tvdrnet_nv.optimization.focus_search import select_distinct
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import Room, make_room

Row = dict[str, Any]

TRIANGLES, RESOLUTION = 100_000, (128, 128)
OBJECTS = ("dining_table_0", "chair_2", "sofa_0", "shelf_0", "lamp_0", "desk_0")
QUICK_OBJECTS = ("chair_2",)
WANTED, COST = 0.98, 0.01
_BATCH = 32


@dataclass(frozen=True)
class Grid:
    """Cameras all around: steps of the angles in degrees, and how many distances from near to far."""

    azimuth: float = 4.0
    elevation: float = 5.0
    distances: int = 10

    def orbit(self, start: Orbit) -> Orbit:
        """From -10° to 85°, and from 0.45 to 1.6 times the start's distance."""
        d = start.distance * torch.logspace(math.log10(0.45), math.log10(1.6), self.distances)
        e, a = torch.arange(-10, 85.1, self.elevation), torch.arange(0, 359.9, self.azimuth)
        distance, elevation, azimuth = (t.flatten() for t in torch.meshgrid(d, e, a, indexing="ij"))
        return Orbit.create(distance, elevation, azimuth, start.fov, start.at, start.up).to(start.device)


GRID, QUICK_GRID = Grid(), Grid(15.0, 15.0, 5)


def views_rows(device: torch.device, *, quick: bool, progress: Callable[[str], None]) -> Iterator[Row]:
    """Look for the objects, one after the other.

    Args:
        device: what the renders run on.
        quick: one object and a coarse grid, by which the cost is not judged.
        progress: called with what is being looked for.
    """
    room = make_room(TRIANGLES)
    for name in QUICK_OBJECTS if quick else OBJECTS:
        progress(f"views of {name}: ours, then {'a coarse' if quick else 'the fine'} grid")
        yield view_row(room, name, device, QUICK_GRID if quick else GRID, judge_cost=not quick)


def view_row(room: Room, name: str, device: torch.device, grid: Grid, *, judge_cost: bool) -> Row:
    """One object's row."""
    mesh = room.mesh.to(device)
    marked = room.labels == room.names.index(name)
    focus, renderer = FocusOn(mesh, marked.float()), Renderer(mesh, RESOLUTION)
    start = Orbit.create(2 * focus.radius, 30.0, 45.0, 60.0, at=focus.center, up="z", device=device)

    began = _now(device)
    begin = search_focus(focus, start, 1, resolution=RESOLUTION)
    found = optimize(
        renderer,
        begin,
        focus,
        iterations=FOCUS_ITERATIONS,
        learning_rate=FOCUS_LEARNING_RATE,
    )
    seconds = _now(device) - began
    pictures = focus.judged + focus.clearance.renders
    visible = float(focus.scores(found.best.to(device).camera(), RESOLUTION).visible)

    cameras = grid.orbit(start)
    began = _now(device)
    with torch.no_grad():
        scores = torch.cat(
            [focus.scores(cameras[i : i + _BATCH].camera(), RESOLUTION).score for i in range(0, len(cameras), _BATCH)]
        )
    grid_seconds = _now(device) - began
    tops = cameras[select_distinct(cameras, scores.argsort(descending=True, stable=True), 3)]
    polished = optimize(renderer, tops, focus, iterations=64, learning_rate=1.0)
    score, best = 1 - found.loss, max(1 - polished.loss, float(scores.max()), 1 - found.loss)
    shares = pictures / len(cameras), seconds / grid_seconds
    return {
        "scene": "room",
        "object": name,
        "triangles": int(marked[room.mesh.faces.long()].all(1).sum()),
        "views": len(cameras),
        "grid": float(scores.max()),
        "best": best,
        "score": score,
        "value": score / best,
        "pictures": pictures,
        "pictures_share": shares[0],
        "seconds_share": shares[1],
        "seconds": seconds,
        "grid_seconds": grid_seconds,
        "visible": visible,
        "limit": WANTED,
        "cost_limit": COST if judge_cost else None,
        "passed": score / best >= WANTED and (not judge_cost or max(shares) <= COST),
    }


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
