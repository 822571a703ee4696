"""The part of a scene that a job wants to show, and what makes a view of it good."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.jobs.events import Kind, Reporter
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.part import EVERYTHING, SENTENCE, FocusText
from tvdrnet_nv.objectives import FocusOn
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report import SentenceReport, highlighted

if TYPE_CHECKING:
    # What reads sentences is imported where a job has one: a third of a start's own modules are for these and mappings.
    from tvdrnet_nv.jobs.meaning import Meaning

_HIDES, _NEAR = 0.5, 0.1  # radii of the part: a near plane beyond the first may hide it; where it is then


@dataclass(frozen=True)
class Focus:
    """What a job wants to show.

    Attributes:
        part: the part of the scene, or everything.
        weights: [V], of the vertices.
        objective: of a view that shows it.
        meaning: what the job's sentence means, where it has one.
    """

    part: FocusText
    weights: Tensor
    objective: FocusOn
    meaning: Meaning | None = None

    @property
    def sentence(self) -> SentenceReport | None:
        """What the job's sentence means, for the files."""
        return None if self.meaning is None else self.meaning.report()

    def tinted(self, renderer: Renderer) -> Renderer:
        """The renderer of the same scene with the part tinted; not tinted where it is everything."""
        return renderer if self.part == EVERYTHING else highlighted(renderer, self.weights)


def focus_of(job: OptimizeJob, part: FocusText, renderer: Renderer, up: Tensor, reporter: Reporter) -> Focus:
    """What the job wants to show, by its part or its sentence."""
    meaning = None
    if part.kind == SENTENCE:
        from tvdrnet_nv.jobs.meaning import find_meaning

        meaning = find_meaning(job, renderer.mesh, up, reporter)
        part, weights = replace(part, text=f"text={meaning.sentence}"), meaning.weights
    else:
        weights = part.weights(renderer.mesh, Path(job.scene), None if job.labels is None else Path(job.labels))
    return Focus(part, weights, FocusOn(renderer.mesh, weights, near=renderer.near, far=renderer.far), meaning)


def with_nearer_plane(renderer: Renderer, focus: Focus, reporter: Reporter) -> tuple[Renderer, Focus]:
    """The same with a near plane that does not hide the part, where the part is tiny beside the scene."""
    radius = focus.objective.radius
    if renderer.near <= _HIDES * radius:
        return renderer, focus
    nearer = renderer.with_clip_planes(_NEAR * radius, renderer.far)
    reporter.report(
        Kind.NOTE,
        f"the near plane is at {nearer.near:.3g} and not at {renderer.near:.3g}, which would hide what is to be shown, "
        f"of radius {radius:.3g} (`near` sets it)",
    )
    objective = FocusOn(renderer.mesh, focus.weights, near=nearer.near, far=nearer.far)
    return nearer, replace(focus, objective=objective)


def start_around(job: OptimizeJob, objective: FocusOn, start: Orbit, resolution: tuple[int, int]) -> Orbit:
    """The start about the middle of what is to be shown, as far away as it takes to see all of it.

    A look-at point or a distance that the job gives stays.
    """
    if job.at in (None, "center"):
        start = start.replace(at=objective.center[None])
    if job.distance is None:
        away = objective.radius / math.sin(math.radians(start.fov.item()) / 2)
        start = objective.fitted(start.replace(distance=start.distance.new_tensor([away])), resolution)
    return start
