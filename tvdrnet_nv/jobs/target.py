"""The picture to match, as the objective wants it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import SavedCamera, brightness, focal_length_of, fov_of, read_depth, read_picture
from tvdrnet_nv.jobs.background import WHITE
from tvdrnet_nv.jobs.events import Kind, Reporter
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.objectives.depth import nearest

_FEWEST = 256  # pixels that count, at least
_SHEARED = 0.02  # share by which the sides of target and depth may be in another proportion
_BORDER = 0.15  # share of a picture's border, at least, in one and the same colour, which no photograph has
LENSES = (5.0, 150.0)  # degrees along the shorter side; no camera's picture has less or more


def read_target(path: Path, *, as_stored: bool = False) -> np.ndarray:
    """The picture to match: float32 `[H, W, 3]` in 0..1, or `[H, W, 4]` with alpha: how much each pixel counts.

    It is upright as its EXIF data says, or `as_stored`.

    Raises:
        InputError: the file is missing or no picture, or transparent everywhere.
    """
    target = _read(path, "target", as_stored)
    if not target[..., -1].any() and target.shape[2] == 4:
        raise InputError(
            f"`target` {path}: is transparent everywhere, so no pixel of it counts; make the part to compare opaque"
        )
    return target


def read_mask(path: Path, target: np.ndarray) -> np.ndarray:
    """A picture's brightness times its alpha, float32 `[H, W]` in 0..1: how much each of the target's pixels counts.

    Raises:
        InputError: the file is missing or no picture, of another size than the target, black, or nowhere white where
            the target is not transparent.
    """
    mask = brightness(_read(path, "mask"))
    size = target.shape[:2]
    if mask.shape != size:
        height, width = mask.shape
        raise InputError(
            f"`mask` {path}: is {width}×{height}, but the target is {size[1]}×{size[0]}; give a mask of that size"
        )
    if not mask.any():
        raise InputError(
            f"`mask` {path}: is all black or transparent, so no pixel of the target counts; make the pixels that count "
            "white and opaque"
        )
    if target.shape[2] == 4 and not (mask * target[..., 3]).any():
        raise InputError(
            f"`mask` {path}: is black wherever the target is not transparent, so no pixel counts; make some of these "
            "pixels white"
        )
    return mask


def check_counted(job: OptimizeJob, counted: np.ndarray) -> None:
    """Refuse a target of which so few pixels count that any view may be like them.

    Args:
        job: whose camera is looked for.
        counted: float32 `[H, W]` in 0..1, how much each pixel counts.

    Raises:
        InputError: fewer than 256 pixels count.
    """
    if counted.sum() < _FEWEST:
        what = f"`mask` {job.mask}: leaves"
        if job.mask is None:
            what = f"`target` {job.target}: its transparency leaves"
        raise InputError(
            f"{what} {counted.sum():.0f} pixels that count, too few to find its camera by; at least {_FEWEST} are "
            "needed"
        )


def read_target_depth(job: OptimizeJob, target: np.ndarray, reporter: Reporter) -> np.ndarray | None:
    """The job's depth picture at the target's size, float32 `[H, W]` in metres, 0 where unknown; None without one.

    One of another size has the nearest depths taken.

    Raises:
        InputError: the file is missing or no depth picture, or has another shape than the target.
    """
    if job.depth is None:
        return None
    try:
        depth = read_depth(Path(job.depth), job.depth_unit)
    except InputError as error:
        raise InputError(f"`depth` {error}") from error.__cause__
    (height, width), size = depth.shape, target.shape[:2]
    if abs(width / height - size[1] / size[0]) > _SHEARED * size[1] / size[0]:
        raise InputError(
            f"`depth` {job.depth}: is {width}×{height}, which is not the shape of the target, {size[1]}×{size[0]}; "
            "give the depth of the same camera"
        )
    if depth.shape != size:
        reporter.report(
            Kind.NOTE,
            f"`depth` {job.depth} is {width}×{height}; of it the depths nearest to the target's {size[1]}×{size[0]} "
            "pixels are compared",
        )
    return nearest(torch.from_numpy(depth), (size[0], size[1])).numpy()


def with_lens_of_target(job: OptimizeJob, reporter: Reporter) -> OptimizeJob:
    """The job whose start has the field of view that the target's EXIF data gives, unless the job says which it has."""
    if job.target is None or job.fov is not None or job.camera is not None:
        return job
    length, fov = focal_length_of(job.target), fov_of(job.target)
    if length is None or fov is None:
        return job
    says = f"the target's EXIF data says a focal length of {round(length, 1):g} mm (35 mm equivalent)"
    low, high = LENSES
    if not low <= fov <= high:
        reporter.report(
            Kind.NOTE,
            f"{says}, so a `fov` of {fov:.3g}°; this is ignored, as it is not within {low:g}° to "
            f"{high:g}° (`fov` sets it)",
        )
        return job
    reporter.report(Kind.NOTE, f"{says}, so `fov` starts at {fov:.1f}°")
    return replace(job, fov=fov)


def with_background_of_target(
    job: OptimizeJob, target: np.ndarray, saved: SavedCamera | None, reporter: Reporter
) -> OptimizeJob:
    """The job whose scene stands before the target's own background, unless the job or its camera file says another."""
    if job.background is not None or (saved is not None and saved.background is not None) or target.shape[2] == 4:
        return job
    found = background_of(target)
    if found in (None, WHITE):
        return job
    assert found is not None
    colour = ",".join(f"{value:.3g}" for value in found)
    reporter.report(Kind.NOTE, f"the target has {colour} behind its scene, so `background` is that")
    return replace(job, background=found)


def background_of(picture: np.ndarray) -> tuple[float, float, float] | None:
    """The colour that a render has behind its scene: the commonest of the pixels along its border.

    None where no colour is that of 15 % of them, to the last of 8 bits: the picture is a photograph, or shows no
    background. Parts of a photograph that are too bright or too dark are white or black.

    Args:
        picture: float32 `[H, W, 3]` in 0..1.
    """
    levels = (picture * 255).round().astype(np.uint8)
    border = np.concatenate([levels[0], levels[-1], levels[1:-1, 0], levels[1:-1, -1]])
    colours, counts = np.unique(border, axis=0, return_counts=True)
    most = counts.argmax()
    if counts[most] < _BORDER * len(border):
        return None
    red, green, blue = (float(level) / 255 for level in colours[most])
    return red, green, blue


def _read(path: Path, field: str, as_stored: bool = False) -> np.ndarray:
    """`read_picture`, whose messages name the job's field."""
    try:
        return read_picture(path, as_stored=as_stored)
    except InputError as error:
        raise InputError(f"`{field}` {error}") from error.__cause__
