"""Attempts to find a picture's camera, from quick to thorough, until one explains the picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.choices import Effort
from tvdrnet_nv.finding.attempt import Attempt, Found
from tvdrnet_nv.finding.attempts import Attempts
from tvdrnet_nv.finding.lights import in_words, lights_of
from tvdrnet_nv.objectives.match import MatchImage
from tvdrnet_nv.optimization import Progress
from tvdrnet_nv.optimization.fit import POOR
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.shading import PhongLight

SMALLEST = 16  # pixels along a side, below which a picture has no detail to find its camera by


def find_camera(
    renderer: Renderer,
    target: MatchImage,
    start: Viewpoint,
    *,
    near_start: bool,
    lens_known: bool,
    lens_near: bool = False,
    parameters: tuple[str, ...] | None = None,
    lights: Sequence[PhongLight] | None = None,
    effort: Effort = Effort.normal,
    iterations: int = 256,
    seed: int = 0,
    callback: Callable[[Progress], bool | None] | None = None,
) -> Found:
    """Find the camera that took a picture.

    The attempts, until one has a quality of 0.58: the picture's colours are compared as they are, in each light, around
    the start or all around the scene; then it is compared as a photograph (`MatchPhotograph`), without light, from
    cameras that were aligned with it by what they show: some around the start, more and farther ones, and cameras
    all over the scene, in several draws. What is found as a photograph is compared in its colours once more where these
    fit, which is more precise.

    Args:
        renderer: the scene, at the size at which the picture is compared.
        target: the picture, its mask, and what the squared error's options are. A `MatchPhotograph` or `MatchEdges` is
            compared by no colours.
        start: one camera: where to begin, the lens, and for an `Orbit` the pole and the look-at point.
        near_start: whether the camera is near the start; otherwise it may be anywhere.
        lens_known: whether the start's lens is the picture's.
        lens_near: whether it is about the picture's, such as one from EXIF data: searches begin with it, and the focal
            length moves.
        parameters: what moves; by default an orbit's, and where no orbit explains the picture, the pose, with the
            field of view or the focal length where the lens is not known. Without these it stays the start's.
        lights: in which the scene is compared; by default the renderer's light, none, and a lamp at the camera, near a
            start only with what was found; see `lights_of`.
        effort: quick: no cameras all over the scene; normal: one draw; thorough: four.
        iterations: of each optimisation, at most.
        seed: of the draws.
        callback: as `optimize`'s; it sees each attempt's iterations.

    Returns:
        The attempt of the highest quality. An interrupted one ends the attempts.

    Raises:
        TypeError: `target` is no `MatchImage`.
        ValueError: the renderer's resolution is below 16 pixels along a side, or `start` is not one camera.
    """
    if not isinstance(target, MatchImage):
        raise TypeError(f"target must be a MatchImage, such as MatchImage(picture); got {type(target).__name__}")
    if len(start) != 1:
        raise ValueError(f"start must be one camera, got {len(start)}")
    if min(renderer.resolution) < SMALLEST:
        height, width = renderer.resolution
        raise ValueError(
            f"{width} x {height} pixels are too few to find a camera by; at least {SMALLEST} a side are needed"
        )
    attempts = Attempts(
        renderer,
        target,
        start,
        lens_known,
        lens_near,
        parameters,
        lights_of(renderer, lights),
        iterations,
        seed,
        callback,
    )
    best: Found | None = None
    stopped = False
    made: list[Attempt] = []
    first = began = time.perf_counter()
    for what, found in attempts.each(near_start, effort):
        now, light = time.perf_counter(), in_words(found.renderer.light)
        what += "" if light in what else f", then {light}"
        made.append(Attempt(what, found.result.quality or 0.0, now - began))
        began = now
        if best is None or (found.result.quality or 0.0) > (best.result.quality or 0.0):
            best = found
        stopped = found.stopped
        if stopped or (found.result.quality or 0.0) >= POOR or target.reason_without_gradient:
            break
    assert best is not None
    result = replace(best.result, seconds=time.perf_counter() - first)
    return replace(best, result=result, attempts=tuple(made), stopped=stopped)
