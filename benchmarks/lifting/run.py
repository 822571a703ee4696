"""Each object of a scene, lifted from masks that know it: 12 chosen views, and 20 all around the scene.

A row for each object: scene, object, vertices, views (how many were found that differ), seen (share of its vertices),
and intersections over unions of vertices: chosen (exact masks), noisy (10 % of the pixels at the masks' borders wrong,
and one view in five of another object), whole (exact masks; superpoints of the data set, as wholes), uniform (exact
masks in the 20 views). Last a row of the means, with limits and passed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.benchmarks.lifting.oracle import SIZE, Oracle, confused, wrong_at_border
from tvdrnet_nv.benchmarks.lifting.views import Chooser, uniform_views
from tvdrnet_nv.camera import Camera
from tvdrnet_nv.datasets import open_scene
from tvdrnet_nv.lifting import MaskOfViews, VisiblePixels
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import make_room

Row = dict[str, Any]

TRIANGLES = 100_000
LIMITS = {"room": {"chosen": 0.97}, "scan": {"chosen": 0.93, "whole": 0.95, "noisy": 0.85}}
QUICK = 3


@dataclass(frozen=True, eq=False)
class Things:
    """A scene's mesh, name, objects by name with bool [V], and the data set's superpoints, int64 [V], or None."""

    mesh: Mesh
    name: str
    objects: list[tuple[str, Tensor]]
    segments: np.ndarray | None


def lifting_rows(
    device: torch.device, *, scene: Path | None = None, quick: bool = False, progress: Callable[[str], None]
) -> Iterator[Row]:
    """Lift the objects of the room made by code, or of a data set's scene.

    Args:
        device: what the renders run on.
        scene: a data set's, with objects; None for the room.
        quick: three objects only.
        progress: called with what is being done.

    Raises:
        InputError: the scene cannot be used.
    """
    things = _room() if scene is None else _of_data_set(scene)
    objects = things.objects[:: max(1, len(things.objects) // QUICK)][:QUICK] if quick else things.objects
    mesh = things.mesh.to(device)
    cameras_around, choose = uniform_views(mesh), Chooser(mesh)
    own = MaskOfViews(mesh)
    whole = None if things.segments is None else MaskOfViews(mesh, segments=things.segments)
    around = [own.visibility(cameras_around[k], SIZE) for k in range(len(cameras_around))]
    random, rows = torch.Generator().manual_seed(0), []
    for number, (name, marked) in enumerate(objects):
        progress(f"{name}: {number + 1} of {len(objects)}")
        began = time.perf_counter()
        cameras = choose(marked)
        seconds = time.perf_counter() - began
        others = [other for other_name, other in things.objects if other_name != name]
        oracle, of_another = Oracle(mesh, marked), Oracle(mesh, others[7 * number % len(others)])
        exact = [oracle(cameras[k]) for k in range(len(cameras))]
        wrong = [wrong_at_border(mask, random) for mask in exact]
        for k in confused(len(cameras)):
            wrong[k] = of_another(cameras[k])
        pixels = [own.visibility(cameras[k], SIZE) for k in range(len(cameras))]
        row: Row = {"scene": things.name, "object": name, "vertices": int(marked.sum()), "views": len(cameras)}
        row["seen"], row["chosen"] = _lift(own, cameras, pixels, exact, marked)
        row["noisy"] = _lift(own, cameras, pixels, wrong, marked)[1]
        row["whole"] = None if whole is None else _lift(whole, cameras, pixels, exact, marked)[1]
        row["uniform"] = _lift(
            own, cameras_around, around, [oracle(cameras_around[k]) for k in range(len(around))], marked
        )[1]
        row["choice_seconds"] = seconds
        rows.append(row)
        yield row
    yield _means(rows, things.name, LIMITS["room" if scene is None else "scan"])


def _lift(
    lifting: MaskOfViews, cameras: Camera, views: list[VisiblePixels], masks: list[Tensor], marked: Tensor
) -> tuple[float, float]:
    """The share of the marked vertices that is seen, and the mask's intersection over union."""
    lifting = lifting.empty()
    for k, (pixels, mask) in enumerate(zip(views, masks, strict=True)):
        lifting.add(cameras[k], mask, pixels)
    found = lifting.lifted()
    both, either = (found.mask & marked).sum(), (found.mask | marked).sum()
    return float(found.seen[marked].float().mean()), float(both / either)


def _means(rows: list[Row], scene: str, limits: dict[str, float]) -> Row:
    mean: Row = {"scene": scene, "object": "mean", "vertices": None, "views": None}
    for key in ("seen", "chosen", "noisy", "whole", "uniform", "choice_seconds"):
        values = [row[key] for row in rows if row[key] is not None]
        mean[key] = sum(values) / len(values) if values else None
    mean["limits"] = limits
    mean["passed"] = all(mean[key] >= limit for key, limit in limits.items()) and mean["uniform"] < mean["chosen"]
    return mean


def _room() -> Things:
    made = make_room(TRIANGLES)
    objects = [(name, made.labels == i) for i, name in enumerate(made.names)]
    return Things(made.mesh, "room", [(name, marked) for name, marked in objects if bool(marked.any())], None)


def _of_data_set(scene: Path) -> Things:
    folder = open_scene(scene)
    mesh, found = folder.load_mesh(), folder.objects()
    objects = []
    for item in found.objects:
        marked = torch.zeros(found.num_vertices, dtype=torch.bool)
        marked[torch.from_numpy(item.vertices)] = True
        if len(item.vertices):
            objects.append((f"{item.name} {item.id}", marked))
    return Things(mesh, folder.name, objects, folder.segments())
