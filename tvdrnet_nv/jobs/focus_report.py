"""What a view shows of the part that a job is about, and how it compares with other views."""

from __future__ import annotations

from dataclasses import replace

from tvdrnet_nv.camera import Orbit, Viewpoint
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.part import EVERYTHING
from tvdrnet_nv.jobs.prepare import Prepared, start_around
from tvdrnet_nv.objectives import ViewScores
from tvdrnet_nv.optimization import Result
from tvdrnet_nv.optimization.search import search_orbit
from tvdrnet_nv.report import FocusReport


def focus_report(job: OptimizeJob, prepared: Prepared, result: Result) -> FocusReport | None:
    """What the best view shows of the focus; None where the job has none.

    Where a mapping proposed the start, also the scores of the proposal, and of the best view that a search finds from
    all around the part.
    """
    focus, renderer = prepared.focus, prepared.renderer
    if focus is None:
        return None

    def scores(view: Viewpoint) -> ViewScores:
        return focus.objective.scores(view.to(renderer.mesh.device).camera(), renderer.resolution)

    tinted = None if focus.part == EVERYTHING else focus.tinted(renderer)
    report = FocusReport(focus.part.text, scores(result.best), tinted, focus.sentence)
    if job.mapping is None or not isinstance(result.initial, Orbit):
        return report
    around = start_around(job, focus.objective, result.initial.to(renderer.mesh.device), renderer.resolution)
    searched = search_orbit(renderer, focus.objective, around, 1)
    return replace(
        report, proposal_score=float(scores(result.initial).score), searched_score=float(scores(searched).score)
    )
