"""Several views of what a job wants to show."""

from __future__ import annotations

from collections.abc import Callable

import torch

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.defaults import FOCUS_LEARNING_RATE
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.prepare import Prepared
from tvdrnet_nv.objectives import ImageText
from tvdrnet_nv.optimization import Progress, ViewSet, choose_views, distinct_views


def several_views(job: OptimizeJob, prepared: Prepared, callback: Callable[[Progress], bool | None]) -> ViewSet:
    """The job's number of views: those that together show most of its focus, or those that fit its sentence and differ.

    Args:
        job: for several views.
        prepared: with a focus, and an orbit as the start.
        callback: as in `optimize`.
    """
    renderer, focus, start = prepared.renderer, prepared.focus, prepared.start
    assert focus is not None  # a job for several views has a focus,
    assert isinstance(start, Orbit)  # and no pose
    if not isinstance(prepared.objective, ImageText):
        return choose_views(
            renderer,
            focus.objective,
            start,
            job.views,
            parameters=prepared.parameters,
            iterations=job.iteration_limit,
            learning_rate=prepared.learning_rate or FOCUS_LEARNING_RATE,
            callback=callback,
        )
    found = distinct_views(
        renderer,
        prepared.objective,
        start,
        job.views,
        parameters=prepared.parameters,
        iterations=job.iteration_limit,
        learning_rate=prepared.learning_rate,
        seed=job.seed,
        callback=callback,
    )
    # What they show of the whole scene.
    camera = found.orbit.to(renderer.mesh.device).camera()
    with torch.no_grad():
        scores = focus.objective.scores(camera, renderer.resolution)
        seen = focus.objective.covers(camera, renderer.resolution) > 0
    coverage = float(seen.any(0).float().mean())
    return ViewSet(found.orbit, scores, seen.float().mean(1).cpu(), coverage, coverage, found.iterations, renderer)
