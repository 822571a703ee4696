"""Every scene, picture, start and method, one trial after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
import torch

from tvdrnet_nv.benchmarks.photos import cameras
from tvdrnet_nv.benchmarks.photos.altered import altered
from tvdrnet_nv.benchmarks.photos.bars import JUDGED, photo_bars
from tvdrnet_nv.benchmarks.photos.methods import METHODS, Method, renderer_for
from tvdrnet_nv.benchmarks.photos.path_traced import pictures_of, read_path_traced
from tvdrnet_nv.benchmarks.photos.picture import HEIGHT, Picture
from tvdrnet_nv.benchmarks.photos.seven_scenes import Photographs
from tvdrnet_nv.benchmarks.photos.starts import StartError, starts
from tvdrnet_nv.benchmarks.photos.summary import deviation_rows, quality_rows, success_rows
from tvdrnet_nv.benchmarks.photos.trials import trial_row
from tvdrnet_nv.benchmarks.photos.unanswerable import unanswerable
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Renderer

Row = dict[str, Any]

TRIANGLES = 100_000  # of the rooms that are searched; the path-traced pictures show finer ones
RESOLUTION = (HEIGHT, HEIGHT * 4 // 3)
PHOTOGRAPH_ERRORS = (StartError(5), StartError(10), StartError(20))
PATH_TRACED_ERRORS = (StartError(5, 0.05), StartError(10, 0.10), StartError(20, 0.20))
ALTERED_ERRORS = PATH_TRACED_ERRORS[1:]
UNANSWERABLE_ERRORS = (StartError(10, 0.10),)


@dataclass(frozen=True)
class Amount:
    """How much is tried.

    Attributes:
        photograph_starts, path_traced_starts, altered_starts, unanswerable_starts: for each picture and start error.
            The methods that are there for comparison begin at one of them, and look for no unanswerable picture.
        inside, outside: altered renders from inside and from outside each room.
        unanswerable, unanswerable_scenes: pictures of each kind for each scene, and for how many scenes at most.
        pictures: at most so many photographs, and path-traced pictures of each room.
        hardest_only: only the last start error of each.
        methods: which.
    """

    photograph_starts: int = 4
    path_traced_starts: int = 3
    altered_starts: int = 2
    unanswerable_starts: int = 1
    inside: int = 4
    outside: int = 2
    unanswerable: int = 6
    unanswerable_scenes: int | None = None
    pictures: int | None = None
    hardest_only: bool = False
    methods: tuple[str, ...] = tuple(METHODS)


FULL = Amount()
QUICK = Amount(1, 1, 1, 1, 1, 0, 1, 1, 1, True, (JUDGED,))


@dataclass(frozen=True)
class _Set:
    """Pictures of one scene that are searched from the same start errors, so many starts each."""

    scene: str
    renderer: Renderer
    pictures: list[Picture]
    errors: tuple[StartError, ...]
    starts: int


def photo_rows(
    device: torch.device,
    *,
    photographs: Photographs | None,
    scene: tuple[str, Mesh] | None,
    quick: bool,
    progress: Callable[[str], None],
) -> Iterator[Row]:
    """Run the trials; the package's docstring describes the rows.

    Args:
        device: what the renders run on.
        photographs: real ones; None: there are none.
        scene: name and mesh, in metres, of one more scene for altered renders.
        quick: a few trials of one method.
        progress: called with what is being tried.
    """
    amount = QUICK if quick else FULL
    progress("reading the pictures, building the rooms")
    sets = list(_sets(device, photographs, scene, amount))
    for chosen in (*sets, *_unanswerable_sets(sets, amount)):
        errors = chosen.errors[-1:] if amount.hardest_only else chosen.errors
        for error in errors:
            for method in amount.methods:
                if method == JUDGED:
                    yield from _trials(chosen, error, method, METHODS[method], progress)
                elif all(picture.has_answer for picture in chosen.pictures):
                    yield from _trials(replace(chosen, starts=1), error, method, METHODS[method], progress)


def photo_summary(trials: list[Row]) -> dict[str, list[Row]]:
    """The sections that the trials add up to, by name."""
    sections = {
        "photos_success": list(success_rows(trials)),
        "photos_quality": list(quality_rows(trials)),
        "photos_deviations": list(deviation_rows(trials)),
        "photos_bars": list(photo_bars(trials)),
    }
    return {name: rows for name, rows in sections.items() if rows}


def _trials(
    chosen: _Set, error: StartError, method: str, search: Method, progress: Callable[[str], None]
) -> Iterator[Row]:
    for picture in chosen.pictures:
        off = f"{error.rotation:g}°" + (f" and {error.distance:.0%}" if error.distance else "")
        progress(f"{chosen.scene}: {picture.name}, {method}, {off} off")
        renderer = chosen.renderer.at_resolution(picture.resolution)
        for seed, start in enumerate(starts(renderer, picture, error, chosen.starts)):
            yield trial_row(chosen.scene, renderer, picture, error, start, method, search, seed)


def _sets(
    device: torch.device, photographs: Photographs | None, scene: tuple[str, Mesh] | None, amount: Amount
) -> Iterator[_Set]:
    if photographs is not None:
        renderer = renderer_for(photographs.mesh.to(device), RESOLUTION)
        pictures = photographs.pictures[: amount.pictures]
        yield _Set(photographs.name, renderer, pictures, PHOTOGRAPH_ERRORS, amount.photograph_starts)
    rooms: dict[str, Renderer] = {}
    for room, entries in read_path_traced().items():
        mesh = room.mesh(TRIANGLES).to(device)
        rooms[room.name] = renderer_for(mesh, RESOLUTION)
        pictures = pictures_of(entries[: amount.pictures], mesh)
        yield _Set(room.name, rooms[room.name], pictures, PATH_TRACED_ERRORS, amount.path_traced_starts)
    for index, (name, renderer) in enumerate(rooms.items()):
        rng = np.random.default_rng([7, index])
        places = [*islice(cameras.inside(renderer, rng), amount.inside)]
        places += islice(cameras.outside(renderer, rng), amount.outside)
        yield _Set(name, renderer, altered(renderer, places, rng), ALTERED_ERRORS, amount.altered_starts)
    if scene is not None:
        name, renderer = scene[0], renderer_for(scene[1].to(device), RESOLUTION)
        rng = np.random.default_rng(7)
        places = list(islice(cameras.outside(renderer, rng), amount.inside + amount.outside))
        yield _Set(name, renderer, altered(renderer, places, rng), ALTERED_ERRORS, amount.altered_starts)


def _unanswerable_sets(sets: list[_Set], amount: Amount) -> Iterator[_Set]:
    """For each scene, one set of pictures that it cannot have given."""
    by_scene: dict[str, _Set] = {}
    for chosen in sets:
        by_scene.setdefault(chosen.scene, chosen)
    for name, chosen in list(by_scene.items())[: amount.unanswerable_scenes]:
        foreign = [picture for other in by_scene.values() if other.scene != name for picture in other.pictures]
        pictures = list(unanswerable(chosen.pictures, foreign, amount.unanswerable))
        yield _Set(name, chosen.renderer, pictures, UNANSWERABLE_ERRORS, amount.unanswerable_starts)
