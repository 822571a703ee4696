"""What a view shows of the part that a job is about, and how it compares with other views."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tvdrnet_nv.camera import Orbit, Viewpoint
from tvdrnet_nv.jobs.focus import Focus, start_around
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.part import EVERYTHING
from tvdrnet_nv.jobs.prepare import Prepared
from tvdrnet_nv.objectives import ViewScores
from tvdrnet_nv.optimization import Result
from tvdrnet_nv.optimization.search import search_orbit
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import FocusReport

_LITTLE = 0.25  # of a search's score: an optimisation hardly comes from there to where the part is seen


@dataclass(frozen=True)
class Comparison:
    """The view that a mapping proposes of a part, and the best of a search from all around it.

    Attributes:
        proposal_score: of the proposal, 0..1.
        searched: what the search finds.
        searched_score: its score, 0..1.
    """

    proposal_score: float
    searched: Orbit
    searched_score: float

    @property
    def shows_little(self) -> bool:
        """Whether the proposal shows little of the part, and the search's view much more."""
        return self.proposal_score < _LITTLE * self.searched_score


def compare_proposal(job: OptimizeJob, prepared: Prepared) -> Comparison | None:
    """The mapping's proposal beside a search; None without a mapping, or where nothing says which view is better."""
    focus, renderer, proposal = prepared.focus, prepared.renderer, prepared.start
    if job.mapping is None or job.keeps_proposal or focus is None or not isinstance(proposal, Orbit):
        return None
    around = start_around(job, focus.objective, proposal.to(renderer.mesh.device), renderer.resolution)
    searched = search_orbit(renderer, focus.objective, around, 1)
    proposed, best = (float(_scores(focus, renderer, view).score) for view in (proposal, searched))
    return Comparison(proposed, searched, best)


def focus_report(
    job: OptimizeJob, prepared: Prepared, result: Result, comparison: Comparison | None
) -> FocusReport | None:
    """What the best view shows of the focus; None where the job has none, or keeps what a mapping proposes.

    Where a mapping proposed a view, also the scores of the comparison.
    """
    focus, renderer = prepared.focus, prepared.renderer
    if focus is None or job.keeps_proposal:
        return None
    tinted = None if focus.part == EVERYTHING else focus.tinted(renderer)
    report = FocusReport(focus.part.text, _scores(focus, renderer, result.best), tinted, focus.sentence)
    if comparison is None:
        return report
    return replace(report, proposal_score=comparison.proposal_score, searched_score=comparison.searched_score)


def _scores(focus: Focus, renderer: Renderer, view: Viewpoint) -> ViewScores:
    return focus.objective.scores(view.to(renderer.mesh.device).camera(), renderer.resolution)
