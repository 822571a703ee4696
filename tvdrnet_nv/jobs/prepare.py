"""From an `OptimizeJob` to what the optimiser takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, Orbit
from tvdrnet_nv.choices import Method, Robust
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import SavedCamera
from tvdrnet_nv.jobs.events import Kind, Reporter
from tvdrnet_nv.jobs.optimize_job import FOCUS_RATE, OptimizeJob
from tvdrnet_nv.jobs.parameters import is_pose
from tvdrnet_nv.jobs.proposal import described, proposed_view
from tvdrnet_nv.jobs.scene import load_scene, saved_camera
from tvdrnet_nv.jobs.scene_job import parse_image_size
from tvdrnet_nv.jobs.starts import focused_start
from tvdrnet_nv.jobs.target import read_mask, read_target
from tvdrnet_nv.objectives import MatchImage, Objective, view_heuristic
from tvdrnet_nv.optimization.parameters import default_parameters
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.pictures import shrunk_size

DEFAULT_SIZE = 256  # pixels a side
LARGEST_TARGET_SIDE = 1024  # pixels; larger targets are compared at this size unless another is asked for


@dataclass(frozen=True)
class Prepared:
    """What the optimiser takes.

    Attributes:
        renderer: the scene.
        start: one camera.
        objective: what makes a camera good: a `FocusOn` exactly where the job has a focus.
        parameters: what may move.
        learning_rate: the job's, or that for a focus; None: the method's own.
        target: float32 `[H, W, 3]` in 0..1, row 0 at the top, where the job has one.
        weights: [V], of the part, where the job has a focus.
    """

    renderer: Renderer
    start: Orbit | Camera
    objective: Objective
    parameters: tuple[str, ...]
    learning_rate: float | None
    target: np.ndarray | None
    weights: Tensor | None


def prepare(job: OptimizeJob, reporter: Reporter) -> Prepared:
    """Read the files that a job names, and report what is in them.

    Raises:
        InputError: a file cannot be used.
    """
    target = None if job.target is None else read_target(Path(job.target))
    resolution = _resolution(job, target, reporter)
    saved = saved_camera(job)
    _check_parameters(job, saved)
    loaded = load_scene(job, saved, resolution)
    renderer, start = loaded.renderer, loaded.viewpoint
    if job.moving is not None and is_pose(job.moving):
        start = start.camera()
    objective = view_heuristic if target is None else _match(job, target, renderer.mesh.device)
    learning_rate, weights, part = job.learning_rate, None, job.part
    if part is not None:
        assert isinstance(start, Orbit)  # a job with a focus moves on an orbit
        usual = start
        weights = part.weights(renderer.mesh, Path(job.scene), None if job.labels is None else Path(job.labels))
        objective, start = focused_start(
            renderer,
            usual,
            weights,
            keep_at=job.at not in (None, "center"),
            keep_distance=job.distance is not None,
        )
        if learning_rate is None and job.method != Method.tvdrnet:
            learning_rate = FOCUS_RATE
    loaded.report(job, reporter)
    if job.mapping is not None:
        assert isinstance(loaded.viewpoint, Orbit)  # a job with a mapping moves on an orbit
        start = proposed_view(Path(job.mapping), job.query, renderer.mesh, loaded.viewpoint)
        reporter.report(Kind.START, f"{Path(job.mapping).name} proposes {described(start)}")
    parameters = job.moving or default_parameters(start)
    return Prepared(renderer, start, objective, parameters, learning_rate, target, weights)


def _check_parameters(job: OptimizeJob, saved: SavedCamera | None) -> None:
    """Refuse to move a pose as an orbit."""
    if saved is not None and isinstance(saved.viewpoint, Camera) and job.moving and not is_pose(job.moving):
        raise InputError(
            f"`parameters` {','.join(job.moving)}: {job.camera} holds a pose, which is no orbit; use `parameters` pose"
        )


def _match(job: OptimizeJob, target: np.ndarray, device: torch.device) -> MatchImage:
    mask = None if job.mask is None else torch.from_numpy(read_mask(Path(job.mask), target.shape[:2])).to(device)
    robust = None if job.robust in (None, Robust.none) else str(job.robust)
    return MatchImage(torch.from_numpy(target).to(device), robust=robust, mask=mask, exposure=job.exposure)


def _resolution(job: OptimizeJob, target: np.ndarray | None, reporter: Reporter) -> tuple[int, int]:
    """(height, width) to render at; reports when the target is compared at another size than its own."""
    wanted = None if job.image_size is None else parse_image_size(job.image_size)
    if target is None:
        return wanted or (DEFAULT_SIZE, DEFAULT_SIZE)
    height, width = target.shape[:2]
    chosen = wanted or shrunk_size(height, width, LARGEST_TARGET_SIDE)
    if chosen == (height, width):
        return chosen
    text = f"{job.target} is {width}×{height}; compared at {chosen[1]}×{chosen[0]}"
    if abs(chosen[1] / chosen[0] - width / height) > 0.02 * width / height:
        factor = min(chosen) / min(height, width)
        text += f", which changes its shape (`image_size` {round(width * factor)}x{round(height * factor)} keeps it)"
    reporter.report(Kind.NOTE, text)
    return chosen
