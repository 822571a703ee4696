"""From an `OptimizeJob` to what the optimiser takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, Orbit, Viewpoint
from tvdrnet_nv.choices import MethodName, Robust
from tvdrnet_nv.defaults import FOCUS_LEARNING_RATE
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import SavedCamera
from tvdrnet_nv.jobs.events import Kind, Reporter
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.parameters import is_pose
from tvdrnet_nv.jobs.part import Part
from tvdrnet_nv.jobs.proposal import described, proposed_view
from tvdrnet_nv.jobs.scene import LoadedScene, load_scene, saved_camera
from tvdrnet_nv.jobs.scene_job import parse_image_size
from tvdrnet_nv.jobs.target import read_mask, read_target
from tvdrnet_nv.objectives import FocusOn, MatchImage, Objective, view_heuristic
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.pictures import shrunk_size

DEFAULT_SIZE = 256  # pixels a side
LARGEST_TARGET_SIDE = 1024  # pixels; larger targets are compared at this size unless another is asked for


@dataclass(frozen=True)
class Focus:
    """The part of the scene that a job names.

    Attributes:
        text: as the user wrote it.
        weights: [V], of the vertices.
        objective: of a view that shows it.
    """

    text: str
    weights: Tensor
    objective: FocusOn


@dataclass(frozen=True)
class Prepared:
    """What the optimiser takes.

    Attributes:
        renderer: the scene.
        start: one camera.
        objective: what makes a camera good.
        parameters: what may move.
        learning_rate: the job's, or that for a focus; None: the method's own.
        target: float32 `[H, W, 3]` in 0..1, row 0 at the top, where the job has one.
        focus: where the job has one; then `objective` is the focus's.
    """

    renderer: Renderer
    start: Viewpoint
    objective: Objective
    parameters: tuple[str, ...]
    learning_rate: float | None
    target: np.ndarray | None
    focus: Focus | None


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
    renderer, start, focus = loaded.renderer, loaded.viewpoint, None
    if job.moving is not None and is_pose(job.moving):
        start = start.camera()
    objective = view_heuristic if target is None else _match(job, target, renderer.mesh.device)
    part, learning_rate = job.part, job.learning_rate
    if part is not None:
        focus, start = _focused(job, part, loaded)
        objective = focus.objective
        if learning_rate is None and job.method != MethodName.tvdrnet:
            learning_rate = FOCUS_LEARNING_RATE
    loaded.report(job, reporter)
    if job.mapping is not None:
        assert isinstance(loaded.viewpoint, Orbit)  # a job with a mapping has no camera file
        start = proposed_view(Path(job.mapping), job.query, renderer.mesh, loaded.viewpoint)
        reporter.report(Kind.START, f"{Path(job.mapping).name} proposes {described(start)}")
    parameters = job.moving or start.moves_by_default
    return Prepared(renderer, start, objective, parameters, learning_rate, target, focus)


def _focused(job: OptimizeJob, part: Part, loaded: LoadedScene) -> tuple[Focus, Orbit]:
    """The focus, and the start about its middle, as far away as it takes to see all of it.

    A look-at point or a distance that the job gives stays.
    """
    renderer, start = loaded.renderer, loaded.viewpoint
    assert isinstance(start, Orbit)  # a job with a focus has no camera file
    weights = part.weights(renderer.mesh, Path(job.scene), None if job.labels is None else Path(job.labels))
    objective = FocusOn(renderer.mesh, weights, near=renderer.near, far=renderer.far)
    if job.at in (None, "center"):
        start = start.replace(at=objective.center[None])
    if job.distance is None:
        away = objective.radius / math.sin(math.radians(start.fov.item()) / 2)
        start = objective.fitted(start.replace(distance=start.distance.new_tensor([away])), renderer.resolution)
    return Focus(part.text, weights, objective), start


def _check_parameters(job: OptimizeJob, saved: SavedCamera | None) -> None:
    """Refuse to move a pose as an orbit."""
    if saved is not None and isinstance(saved.viewpoint, Camera) and job.moving and not is_pose(job.moving):
        raise InputError(
            f"`parameters` {','.join(job.moving)}: {job.camera} has a pose, not an orbit; use `parameters` pose"
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
    text = f"{job.target} is {width}×{height}; it is compared at {chosen[1]}×{chosen[0]}"
    if abs(chosen[1] / chosen[0] - width / height) > 0.02 * width / height:
        factor = min(chosen) / min(height, width)
        text += (
            f", which changes its aspect ratio (`image_size` {round(width * factor)}x{round(height * factor)} keeps it)"
        )
    reporter.report(Kind.NOTE, text)
    return chosen
