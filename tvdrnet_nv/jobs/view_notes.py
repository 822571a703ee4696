"""What is said of a camera that was found."""

from __future__ import annotations

import math

import torch

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.jobs.events import Kind, Reporter
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.prepare import Prepared
from tvdrnet_nv.objectives import MatchImage
from tvdrnet_nv.report import brightness_note, view_warnings

_AGREEING = 0.5  # share of the pixels; from the right camera it is 0.8 or more


def report_depth(job: OptimizeJob, prepared: Prepared, best: Viewpoint, reporter: Reporter) -> None:
    """Say where a depth picture contradicts the camera that was found: its unit may be wrong."""
    term = prepared.objective.depth_term if isinstance(prepared.objective, MatchImage) else None
    if term is None:
        return
    with torch.no_grad():
        share, ratio = term.agreement(prepared.renderer(best.camera().to(prepared.renderer.mesh.device)))
    if share < _AGREEING:
        times = "" if math.isnan(ratio) else f"; the scene is {ratio:.3g} times as far from there (median)"
        reporter.report(
            Kind.NOTE,
            f"`depth` {job.depth} is within 5 % of the scene's depth in only {share:.0%} of its pixels, from the "
            f"camera found{times}: is it this picture's, and `depth_unit` right?",
        )


def warnings_of(prepared: Prepared, view: Viewpoint, reporter: Reporter, whose: str = "") -> list[str]:
    """What is wrong with a view that was found; each is reported as well."""
    size = None if prepared.focus is None else prepared.focus.objective.radius
    camera = view.to(prepared.renderer.mesh.device).camera()
    warnings = view_warnings(prepared.renderer, camera, prepared.up, size=size)
    bright = brightness_note(prepared.renderer, camera) if prepared.target is None else None
    for text in warnings if bright is None else (*warnings, bright):
        reporter.report(Kind.NOTE, whose + text)
    return warnings
