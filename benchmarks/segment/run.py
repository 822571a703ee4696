"""Objects segmented by an oracle in views: the scene's mean IoU over the number of views, by how these are chosen.

A row for each scene, method and number of views: scene, method, noise, views (at most), taken (the mean number that
were), objects, miou, worst (the lowest IoU of an object), seconds (of an object, the median), limit, passed.
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

from tvdrnet_nv.benchmarks.named_scenes import room_things, scene_with_things
from tvdrnet_nv.benchmarks.text.baselines import around_scene, seeground_camera
from tvdrnet_nv.camera import Camera, Orbit
from tvdrnet_nv.grounding import Thing, Things
from tvdrnet_nv.lifting import MaskOfViews, VisiblePixels
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.optimization import cameras_all_over
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.segmentation import Noise, Oracle, View, explore, overlap
from tvdrnet_nv.shading import UNLIT
from tvdrnet_nv.starts import scene_orbit
from tvdrnet_nv.up import guess_up

Row = dict[str, Any]

SIZE = (480, 640)
COUNTS = (1, 2, 3, 4, 5, 6, 8, 12)
UNIFORM, FEW = 20, 6
ROOM, SCAN, NOISY = 0.97, 0.93, 0.85
NOISE = Noise(border=0.1, confused=0.2)
QUICK = 6  # objects


@dataclass
class Tried:
    """What a method made of the objects: [objects] each, by the number of views.

    Attributes:
        ious: IoU.
        taken: how many views were.
        seconds: of each object.
    """

    ious: dict[int, list[float]]
    taken: list[int]
    seconds: list[float]


def segment_rows(
    device: torch.device, *, scene: Path | None, quick: bool, progress: Callable[[str], None]
) -> Iterator[Row]:
    """Segment every object of the room made by code, or of another scene.

    Args:
        device: what it runs on.
        scene: a data set's scene, or a mesh with labels.
        quick: a few objects only.
        progress: called with what is being done.

    Raises:
        InputError: the scene cannot be used.
    """
    mesh, things, name = room_things() if scene is None else scene_with_things(scene)
    items = things.items[:: max(1, len(things.items) // QUICK)] if quick else things.items
    trial = _Trial(mesh.to(device), things, items, progress)
    uniform = trial.given("uniform", trial.around)
    limit = float(np.mean(uniform.ious[UNIFORM]))
    chosen = trial.chosen(None)
    bars = {FEW: limit, COUNTS[-1]: ROOM if scene is None else SCAN}
    for count in COUNTS:
        yield _row(name, "chosen", None, count, chosen, bars.get(count))
    for count in (FEW, UNIFORM):
        yield _row(name, "uniform", None, count, uniform, None)
    scattered = trial.given("random", trial.scattered)
    for count in (FEW, UNIFORM):
        yield _row(name, "random", None, count, scattered, None)
    yield _row(name, "SeeGround's rule", None, 1, trial.seeground(), None)
    yield _row(name, "chosen", NOISE, COUNTS[-1], trial.chosen(NOISE), NOISY)


def _row(scene: str, method: str, noise: Noise | None, count: int, tried: Tried, limit: float | None) -> Row:
    ious = tried.ious[count]
    miou = float(np.mean(ious))
    found = {
        "scene": scene,
        "method": method,
        "noise": "" if noise is None else f"border {noise.border:g}, confused {noise.confused:g}",
        "views": count,
        "taken": float(np.mean(np.minimum(tried.taken, count))),
        "objects": len(ious),
        "miou": miou,
        "worst": float(np.min(ious)),
        "seconds": float(np.median(tried.seconds)),
    }
    return found if limit is None else found | {"limit": limit, "passed": miou >= limit}


class _Trial:
    """One scene and its objects."""

    def __init__(self, mesh: Mesh, things: Things, items: tuple[Thing, ...], progress: Callable[[str], None]) -> None:
        self._mesh, self._things, self._items, self._progress = mesh, things, items, progress
        self._renderer = Renderer(mesh, SIZE, light=UNLIT)
        self._builder = MaskOfViews(mesh)
        self._start = scene_orbit(mesh, up=guess_up(mesh))
        labels = np.full(mesh.num_vertices, -1, dtype=np.int64)
        for item in things.items:
            labels[item.vertices] = item.id
        self._labels = torch.from_numpy(labels)
        self.around: Camera = around_scene(self._start, UNIFORM).camera()
        pool: Orbit = cameras_all_over(mesh, self._start)
        rows = np.random.default_rng(0).permutation(len(pool))[:UNIFORM]
        self.scattered: Camera = pool[torch.from_numpy(rows)].camera()

    def chosen(self, noise: Noise | None) -> Tried:
        """By the closed loop."""
        tried = Tried({count: [] for count in COUNTS}, [], [])
        for number, item in enumerate(self._items, start=1):
            self._progress(f"chosen views{'' if noise is None else ', noise'}: {number} of {len(self._items)} objects")
            truth = self._truth(item)
            oracle = Oracle(self._mesh, truth.float(), self._labels, noise, seed=number)
            ious: list[float] = []

            def watch(_: int, view: View, ious: list[float] = ious, truth: Tensor = truth) -> None:
                ious.append(overlap(view.mask, truth))

            began = time.perf_counter()
            found = explore(
                self._renderer,
                oracle,
                self._builder.empty(),
                self._start,
                part=truth,
                views=COUNTS[-1],
                callback=watch,
            )
            tried.seconds.append(time.perf_counter() - began)
            tried.taken.append(len(found.views))
            for count in COUNTS:
                tried.ious[count].append(ious[min(count, len(ious)) - 1] if ious else 0.0)
        return tried

    def given(self, name: str, cameras: Camera) -> Tried:
        """By the same views for all objects."""
        seen = [self._builder.visibility(cameras[k], SIZE) for k in range(len(cameras))]
        tried = Tried({FEW: [], UNIFORM: []}, [], [])
        for number, item in enumerate(self._items, start=1):
            self._progress(f"{name} views: {number} of {len(self._items)} objects")
            began = time.perf_counter()
            for count in (FEW, UNIFORM):
                # Few views are evenly spaced as well.
                rows = [int(k * len(cameras) / count) for k in range(count)]
                tried.ious[count].append(self._iou(item, cameras[torch.tensor(rows)], [seen[k] for k in rows]))
            tried.seconds.append(time.perf_counter() - began)
            tried.taken.append(UNIFORM)
        return tried

    def seeground(self) -> Tried:
        """By one view of each object, after SeeGround's rule."""
        tried = Tried({1: []}, [], [])
        for item in self._items:
            began = time.perf_counter()
            camera = seeground_camera(self._things, item).to(self._mesh.device)
            tried.ious[1].append(self._iou(item, camera, [self._builder.visibility(camera, SIZE)]))
            tried.seconds.append(time.perf_counter() - began)
            tried.taken.append(1)
        return tried

    def _iou(self, item: Thing, cameras: Camera, seen: list[VisiblePixels]) -> float:
        truth = self._truth(item)
        oracle, builder = Oracle(self._mesh, truth.float()), self._builder.empty()
        for k, pixels in enumerate(seen):
            builder.add(cameras[k], oracle(self._renderer(cameras[k]))[0], pixels)
        return overlap(builder.lifted().mask, truth)

    def _truth(self, item: Thing) -> Tensor:
        """[V] bool."""
        truth = torch.zeros(self._mesh.num_vertices, dtype=torch.bool)
        truth[torch.from_numpy(item.vertices)] = True
        return truth
