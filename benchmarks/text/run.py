"""Sentences about a scene: which objects are found, and what their views show.

A row for each method: scene, method, sentences, right (how many), accuracy, and of the objects that ours finds right:
visible and size (medians), shown (the share with visible of 0.7 or more and size of 0.3 or more), seconds (of a
sentence, the median), limit, passed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tvdrnet_nv.benchmarks.named_scenes import room_things, scene_with_things
from tvdrnet_nv.benchmarks.text.baselines import by_chance, by_name, seeground_view, uniform_views
from tvdrnet_nv.benchmarks.text.sentences import HERE, Sentence, check_answers, read_sentences, sentences_about
from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.defaults import FOCUS_ITERATIONS, FOCUS_LEARNING_RATE
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding import Grounder, Grounding, Things
from tvdrnet_nv.language import load_text_encoder
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.objectives import FocusOn, ViewScores
from tvdrnet_nv.optimization import optimize, search_focus
from tvdrnet_nv.part_weights import vertex_weights
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.starts import scene_orbit
from tvdrnet_nv.up import guess_up

Row = dict[str, Any]

SIZE = (256, 256)
ACCURACY, ACCURACY_SCAN, SHOWN = 0.9, 0.8, 0.9
VISIBLE, LARGE = 0.7, 0.3
QUICK = 6  # sentences


def text_rows(
    device: torch.device,
    *,
    scene: Path | None,
    sentences: Path | None,
    quick: bool,
    progress: Callable[[str], None],
) -> Iterator[Row]:
    """Try the sentences about the room, or those of a file about another scene.

    Args:
        device: what the renders run on.
        scene: a data set's scene, or a mesh with labels.
        sentences: a list as in this folder, or a referral file.
        quick: a few sentences only.
        progress: called with what is being done.

    Raises:
        InputError: the scene or the file cannot be used.
    """
    if sentences is None:
        mesh, things, name = room_things()
        asked, wanted = read_sentences(HERE / "room_sentences.txt"), ACCURACY
    else:
        if scene is None:
            raise InputError(f"--sentences {sentences}: of which scene? name it with --scene")
        mesh, things, name = scene_with_things(scene)
        asked, wanted = sentences_about(sentences, name), ACCURACY_SCAN
        check_answers(sentences, name, asked, things)
    asked = asked[:: max(1, len(asked) // QUICK)] if quick else asked
    yield from _rows(mesh.to(device), things, name, asked, wanted, progress)


def _rows(
    mesh: Mesh, things: Things, name: str, asked: list[Sentence], wanted: float, progress: Callable[[str], None]
) -> Iterator[Row]:
    grounder, seconds, found = Grounder(things, load_text_encoder()), [], []
    for sentence in asked:
        began = time.perf_counter()
        found.append(grounder(sentence.text))
        seconds.append(time.perf_counter() - began)
    right = [bool(f.chosen) and all(map(s.accepts, f.chosen)) for s, f in zip(asked, found, strict=True)]
    views = _Views(mesh, things)
    kept = [f for f, good in zip(found, right, strict=True) if good]
    ours, uniform, rule = [], [], []
    for number, grounding in enumerate(kept, start=1):
        progress(f"views of what sentences mean: {number} of {len(kept)}")
        ours.append(views.found(grounding))
        uniform.append(views.uniform(grounding))
        rule.append(views.seeground(grounding))
    row = {"scene": name, "sentences": len(asked)}
    good = sum(right)
    first = _row(row, "ours", good, len(asked), ours) | {"seconds": float(np.median(seconds))}
    passed = first["accuracy"] >= wanted and (not ours or first["shown"] >= SHOWN)
    yield first | {"limit": wanted, "passed": passed}
    pairs = list(zip(asked, found, strict=True))
    yield _row(row, "best name only", sum(by_name(s, f, things) for s, f in pairs), len(asked), [])
    yield _row(row, "random object", sum(by_chance(s, things) for s in asked), len(asked), [])
    yield _row(row, "our objects, 20 uniform views", good, len(asked), uniform)
    yield _row(row, "our objects, SeeGround's rule", good, len(asked), rule)


def _row(row: Row, method: str, right: float, count: int, views: list[tuple[float, float]]) -> Row:
    shown = [visible >= VISIBLE and size >= LARGE for visible, size in views]
    medians = np.median(np.array(views), axis=0).tolist() if views else [None, None]
    return {
        "scene": row["scene"],
        "method": method,
        "sentences": count,
        "right": right,
        "accuracy": right / count,
        "visible": medians[0],
        "size": medians[1],
        "shown": float(np.mean(shown)) if shown else None,
    }


class _Views:
    """(visible, size) of the views of what sentences mean; each part is looked at once."""

    def __init__(self, mesh: Mesh, things: Things) -> None:
        self._mesh, self._things = mesh, things
        self._renderer = Renderer(mesh, SIZE)
        self._start = scene_orbit(mesh, up=guess_up(mesh))
        self._kept: dict[tuple[int, ...], tuple[FocusOn, tuple[float, float]]] = {}

    def found(self, grounding: Grounding) -> tuple[float, float]:
        """By our search."""
        return self._part(grounding)[1]

    def uniform(self, grounding: Grounding) -> tuple[float, float]:
        """By the best of 20 views from all around."""
        return _pair(uniform_views(self._part(grounding)[0], self._start, SIZE))

    def seeground(self, grounding: Grounding) -> tuple[float, float]:
        """By SeeGround's rule."""
        return _pair(seeground_view(self._part(grounding)[0], self._things, grounding.chosen[0], SIZE))

    def _part(self, grounding: Grounding) -> tuple[FocusOn, tuple[float, float]]:
        ids = tuple(item.id for item in grounding.chosen)
        if ids not in self._kept:
            vertices = np.concatenate([item.vertices for item in grounding.chosen])
            focus = FocusOn(self._mesh, vertex_weights(self._mesh, vertices, "the object has"))
            start = self._start.replace(at=focus.center[None])
            start = focus.fitted(start.replace(distance=start.distance.new_tensor([2 * focus.radius])), SIZE)
            begin: Orbit = search_focus(focus, start, 1, resolution=SIZE)
            result = optimize(
                self._renderer, begin, focus, iterations=FOCUS_ITERATIONS, learning_rate=FOCUS_LEARNING_RATE
            )
            with torch.no_grad():
                scores = focus.scores(result.best.to(self._mesh.device).camera(), SIZE)
            self._kept[ids] = focus, _pair(scores)
        return self._kept[ids]


def _pair(scores: ViewScores) -> tuple[float, float]:
    numbers = scores.numbers(0)
    return numbers["visible"], numbers["size"]
