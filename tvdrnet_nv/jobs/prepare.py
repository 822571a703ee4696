"""From an `OptimizeJob` to what the optimiser takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, Orbit, Viewpoint
from tvdrnet_nv.choices import Compare, MethodName, Robust
from tvdrnet_nv.defaults import FOCUS_LEARNING_RATE
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.finding.find import SMALLEST
from tvdrnet_nv.io import SavedCamera
from tvdrnet_nv.jobs.camera_file import check_size, is_as_stored, pinhole_target, saved_camera
from tvdrnet_nv.jobs.events import Kind, Reporter
from tvdrnet_nv.jobs.focus import Focus, focus_of, start_around, with_nearer_plane
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.parameters import is_pose
from tvdrnet_nv.jobs.scene import LoadedScene, load_scene
from tvdrnet_nv.jobs.scene_job import parse_image_size
from tvdrnet_nv.jobs.sentence import is_sentence
from tvdrnet_nv.jobs.target import (
    check_counted,
    read_mask,
    read_target,
    read_target_depth,
    with_background_of_target,
    with_lens_of_target,
)
from tvdrnet_nv.objectives import (
    ImageText,
    MatchEdges,
    MatchImage,
    MatchPhotograph,
    Objective,
    RobustLoss,
    view_heuristic,
)
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.pictures import shrunk_size
from tvdrnet_nv.starts import scene_orbit

DEFAULT_SIZE = 256  # pixels a side
LARGEST_TARGET_SIDE = 1024  # pixels; larger targets are compared at this size unless another is asked for


@dataclass(frozen=True)
class Prepared:
    """What the optimiser takes.

    Attributes:
        renderer: the scene.
        start: one camera.
        objective: what makes a camera good.
        parameters: what may move.
        learning_rate: the job's, or that for a view of the focus; None: the method's own.
        target: float32 `[H, W, 3]` in 0..1, row 0 at the top, where the job has one.
        mask: float32 `[H, W]` in 0..1, how much each pixel of the target counts; None where all count alike.
        focus: where a view is wanted; then `objective` is the focus's.
        up: [3], world frame.
        lens_known: whether the start's lens is that of the target, as the job says.
        lens_near: whether it is about that, as the target's EXIF data says.
    """

    renderer: Renderer
    start: Viewpoint
    objective: Objective
    parameters: tuple[str, ...]
    learning_rate: float | None
    target: np.ndarray | None
    mask: np.ndarray | None
    focus: Focus | None
    up: Tensor
    lens_known: bool
    lens_near: bool


def prepare(job: OptimizeJob, reporter: Reporter) -> Prepared:
    """Read the files that a job names, and report what is in them.

    Raises:
        InputError: a file cannot be used.
    """
    saved, target = saved_camera(job), None
    if job.target is not None:
        path = Path(job.target)
        target = read_target(path, as_stored=is_as_stored(path, saved, reporter))
        check_size(job, saved, target.shape[:2], reporter)
        target = pinhole_target(target, saved, reporter)
        job = with_background_of_target(job, target, saved, reporter)
    depth = None if target is None else _depth(job, target, saved, reporter)
    resolution = _resolution(job, target, reporter)
    _check_parameters(job, saved)
    lens_known = job.fov is not None or job.camera is not None
    job = with_lens_of_target(job, reporter)
    lens_near = job.fov is not None and not lens_known
    loaded = load_scene(job, saved, resolution)
    if loaded.renderer.mesh.is_invisible:
        raise InputError(
            f"{job.scene}: no face has an area, so no view shows any. {' '.join(loaded.renderer.mesh.notes)}"
        )
    mask = None
    if target is not None:
        target, mask = _counted(job, target)
    renderer, start, focus = loaded.renderer, loaded.viewpoint, None
    objective: Objective = view_heuristic if target is None else _match(job, target, mask, depth, renderer)
    part, learning_rate = job.part, job.learning_rate
    if part is not None:
        focus = focus_of(job, part, renderer, _up(loaded), reporter)
        if job.near is None and (saved is None or saved.near is None):
            renderer, focus = with_nearer_plane(renderer, focus, reporter)
        objective = focus.objective
        if job.image_text_model is not None:
            from tvdrnet_nv.jobs.image_text import judged_by_text

            objective, meaning = judged_by_text(job, renderer.mesh, reporter)
            focus = replace(focus, meaning=meaning)
        if isinstance(start, Orbit) and job.camera is None:
            start = start_around(job, focus.objective, start, renderer.resolution)
        if learning_rate is None and job.method != MethodName.tvdrnet:
            learning_rate = FOCUS_LEARNING_RATE
    if job.moving is not None and is_pose(job.moving):
        start = start.camera()
    loaded.report(job, reporter)
    if job.mapping is not None:
        assert isinstance(loaded.viewpoint, Orbit)  # a job with a mapping has no camera file
        meaning = None if focus is None else focus.meaning
        query = meaning.query if job.query is None and meaning is not None else job.query
        from tvdrnet_nv.jobs.proposal import described, mapping_file, proposed_view

        file = mapping_file(job.mapping)
        start = proposed_view(file, query, renderer.mesh, loaded.viewpoint, text_model=job.text_model)
        reporter.report(Kind.START, f"{Path(job.mapping).name} proposes {described(start, renderer.mesh)}")
        if is_sentence(job.query):
            from tvdrnet_nv.jobs.meaning import report_what_is_there

            report_what_is_there(job, str(job.query), renderer.mesh, _up(loaded), reporter)
    parameters = job.moving or start.moves_by_default
    if job.image_text_model is not None and job.moving is None and isinstance(start, Orbit):
        parameters = (*parameters, "at")  # what is wanted may stand anywhere
    return Prepared(
        renderer, start, objective, parameters, learning_rate, target, mask, focus, _up(loaded), lens_known, lens_near
    )


def with_fitting(prepared: Prepared, view: Viewpoint, reporter: Reporter) -> Prepared:
    """The same; where pictures are judged by a sentence, with the words that go best with the view that was found."""
    focus, objective = prepared.focus, prepared.objective
    if focus is None or focus.meaning is None or not isinstance(objective, ImageText):
        return prepared
    from tvdrnet_nv.jobs.image_text import fitting

    meaning = fitting(focus.meaning, objective, prepared.renderer, view, reporter)
    return replace(prepared, focus=replace(focus, meaning=meaning))


def _up(loaded: LoadedScene) -> Tensor:
    """[3]: the orbit's pole, or the scene's guess where the start is a pose."""
    if isinstance(loaded.viewpoint, Orbit):
        return loaded.viewpoint.frame[:, 1]
    return scene_orbit(loaded.renderer.mesh).frame[:, 1]


def _check_parameters(job: OptimizeJob, saved: SavedCamera | None) -> None:
    """Refuse to move a pose as an orbit."""
    if saved is not None and isinstance(saved.viewpoint, Camera) and job.moving and not is_pose(job.moving):
        raise InputError(
            f"`parameters` {','.join(job.moving)}: {job.camera} has a pose, not an orbit; use `parameters` pose"
        )


def _counted(job: OptimizeJob, target: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """The target's colours, `[H, W, 3]`, and how much each of its pixels counts, `[H, W]`: its mask times its alpha."""
    mask = None if job.mask is None else read_mask(Path(job.mask), target)
    if target.shape[2] == 4:
        mask = target[..., 3] if mask is None else mask * target[..., 3]
    if mask is not None and job.finds_camera:
        check_counted(job, mask)
    return target[..., :3], mask


def _depth(job: OptimizeJob, target: np.ndarray, saved: SavedCamera | None, reporter: Reporter) -> Tensor | None:
    """The depth picture of the target."""
    if job.depth is not None and saved is not None and saved.record is not None and saved.record.distortion is not None:
        raise InputError(
            f"`depth` {job.depth}: {job.camera} tells of a lens distortion, which is not taken from depths; undistort "
            "both pictures first, and give a camera without it"
        )
    depth = read_target_depth(job, target, reporter)
    return None if depth is None else torch.from_numpy(depth)


def _match(
    job: OptimizeJob, target: np.ndarray, mask: np.ndarray | None, depth: Tensor | None, renderer: Renderer
) -> MatchImage:
    device = renderer.mesh.device
    shares = None if mask is None else torch.from_numpy(mask).to(device)
    robust = None if job.robust in (None, Robust.none) else str(job.robust)
    picture = torch.from_numpy(target).to(device)
    if job.compare in (Compare.photograph, Compare.edges):
        kind = MatchEdges if job.compare == Compare.edges else MatchPhotograph
        loss = None if job.robust == Robust.none else RobustLoss(robust or str(Robust.geman_mcclure), 1.0)
        return kind(picture, robust=loss, mask=shares, background=renderer.background, depth=depth)
    return MatchImage(picture, robust=robust, mask=shares, exposure=job.exposure, depth=depth)


def _resolution(job: OptimizeJob, target: np.ndarray | None, reporter: Reporter) -> tuple[int, int]:
    """(height, width) to render at; reports when the target is compared at another size than its own."""
    wanted = None if job.image_size is None else parse_image_size(job.image_size)
    if target is None:
        return wanted or (DEFAULT_SIZE, DEFAULT_SIZE)
    height, width = target.shape[:2]
    chosen = wanted or shrunk_size(height, width, LARGEST_TARGET_SIDE)
    if job.finds_camera and min(chosen) < SMALLEST:
        raise InputError(
            f"`target` {job.target}: compared at {chosen[1]}×{chosen[0]} pixels, too few to find its camera by; "
            f"at least {SMALLEST} a side are needed"
        )
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
