"""The frames of `optimization_process.gif`: the way from the start to the best view."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tvdrnet_nv.camera import Viewpoint, concatenate
from tvdrnet_nv.optimization import Result
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.pictures import GAP, PAPER, Panel, panels, shrunk, shrunk_size
from tvdrnet_nv.report.render_command import in_file
from tvdrnet_nv.report.text import camera_fields, number
from tvdrnet_nv.report.views import render_views

FRAMES, ACCEPTED_FRAMES = 20, 12  # of the optimisation, at most; the latter of a method with levels
STEP_MS, CANDIDATE_MS, LAST_MS = 250, 500, 2500
MAX_SIDE, MAX_SIDE_BESIDE = 512, 384  # pixels of a frame's picture; the latter with a target beside it


class Process(NamedTuple):
    """The frames, how long each stands in milliseconds, and the target's panel that stands beside them."""

    frames: list[np.ndarray]
    frame_ms: list[int]
    beside: np.ndarray | None


class _Frame(NamedTuple):
    camera: Viewpoint
    title: str
    loss: list[str]
    ms: int


def process(result: Result, renderer: Renderer, target: np.ndarray | None) -> Process:
    """The frames of a run: the start, what a search looked at, the winning start's way, and the best view.

    The search's candidates come with the best last, as the way goes on from there. Of a method with levels, only steps
    that were accepted are shown.

    Args:
        result: what `optimize` returned.
        renderer: the scene, in the pictures' shape.
        target: `uint8 [H, W, 3]`, to stand beside every frame.
    """
    frames = [*_searched(result), *_moved(result)]
    best = f"Best: iteration {result.best_iteration + 1}"
    frames.append(_Frame(result.best, best, _loss(result.loss), LAST_MS))
    side = MAX_SIDE if target is None else MAX_SIDE_BESIDE
    height, width = shrunk_size(*renderer.resolution, side)
    cameras = concatenate([frame.camera for frame in frames]).to(renderer.mesh.device)
    views = render_views(renderer.at_resolution((height, width)), cameras)
    fov = bool({"fov", "focal"} & set(result.parameters))
    items = [
        Panel(view, frame.title, [*frame.loss, *camera_fields(in_file(frame.camera, renderer), fov=fov)])
        for view, frame in zip(views, frames, strict=True)
    ]
    if target is not None:
        items.append(Panel(shrunk(target, side), "Target"))
    sheets = panels(items)
    beside = None
    if target is not None:
        sheet = sheets.pop()
        gap = np.full((len(sheet), GAP, 3), PAPER, dtype=np.uint8)
        beside = np.concatenate([gap, sheet], axis=1)
    return Process(sheets, [frame.ms for frame in frames], beside)


def _searched(result: Result) -> list[_Frame]:
    """The start, and the candidates of the search, the best last; nothing where there was no search."""
    candidates = result.candidates
    if candidates is None or len(candidates) < 2:
        return []
    count = len(candidates)
    ranks = range(count, 0, -1)
    start = _Frame(result.initial, "Start", _loss(result.initial_loss), CANDIDATE_MS)
    return [start, *(_Frame(candidates[r - 1], f"Search: rank {r} of {count}", [], CANDIDATE_MS) for r in ranks)]


def _moved(result: Result) -> list[_Frame]:
    """What the winning start saw before the best view: some of all iterations, or of the accepted steps."""
    history, levels, k = result.history, result.history.levels, result.best_start
    count, steps = len(history), np.arange(len(history))
    if levels is not None:
        steps = steps[levels.accepted[:, k]]
        # A level begins with the camera that the one before has ended with.
        seen = history.of_start(k).pack().numpy()[steps]
        again = np.r_[False, (seen[1:] == seen[:-1]).all(1)][: len(steps)]
        steps = steps[~again & (steps != result.best_iteration)]
    if _searched(result):
        steps = steps[steps > 0]  # the start has been shown
    most = (FRAMES if levels is None else ACCEPTED_FRAMES) - 1
    chosen = steps[np.unique(np.linspace(0, len(steps) - 1, most).round().astype(int))] if len(steps) else steps
    return [
        _Frame(
            history.viewpoint(int(step), k),
            (f"Iteration {step + 1}" if levels is None else f"{levels.pixels[step]} px: iteration {step + 1}")
            + f" of {count}",
            _loss(float(history.loss[step, k])),
            STEP_MS if levels is None else CANDIDATE_MS,
        )
        for step in chosen
    ]


def _loss(value: float) -> list[str]:
    return [f"loss {number(value)}"]
