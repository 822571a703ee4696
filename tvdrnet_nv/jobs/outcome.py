"""What a job gives back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tvdrnet_nv.errors import InputError

if TYPE_CHECKING:
    from tvdrnet_nv.camera import Viewpoint
    from tvdrnet_nv.finding import Attempt
    from tvdrnet_nv.jobs.meaning import Meaning
    from tvdrnet_nv.optimization import Result, ViewSet
    from tvdrnet_nv.report import FocusReport
    from tvdrnet_nv.segmentation import Exploration


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The files of a job, and what happened.

    Attributes:
        files: the files written; for an optimisation, the first is the JSON file with all numbers.
        notes: what the user should know.
        seconds: how long each phase took, by its name.
        interrupted: whether Ctrl-C ended it; then the result is the best so far.
        missing: which pictures could not be drawn or written, and why. It is among the notes as well.
    """

    files: list[Path]
    notes: list[str]
    seconds: dict[str, float]
    interrupted: bool = False
    missing: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Optimized(Outcome):
    """The best camera of an optimisation.

    Attributes:
        result: what `tvdrnet_nv.optimize` returned.
        focus: what the view shows of the focus, where the job has one.
        origin: of the mesh; what to add to positions for the file's coordinates. See `Mesh`.
        meaning: what the job's sentence means, where it has one.
        attempts: how a target's camera was looked for.
        warnings: what is wrong with the view; see `tvdrnet_nv.report.view_warnings`. They are among the notes as well.
    """

    result: Result
    focus: FocusReport | None = None
    warnings: list[str] = field(default_factory=list)
    attempts: tuple[Attempt, ...] = ()
    meaning: Meaning | None = None
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def is_found(self) -> bool:
        """Whether the status is one that can be trusted."""
        return self.result.status.is_found


class NotSaved(InputError):
    """A run found something that could not be saved, as on a full disk.

    Attributes:
        outcome: what was found; it has no files.
    """

    def __init__(self, message: str, outcome: Outcome) -> None:
        super().__init__(message)
        self.outcome = outcome


@dataclass(frozen=True, kw_only=True)
class ViewsFound(Outcome):
    """Several views of a scene or of a part of it.

    Attributes:
        result: what `tvdrnet_nv.choose_views` returned.
        focus: what they show, in the words of the job's field.
        warnings: for each view, what is wrong with it; see `tvdrnet_nv.report.view_warnings`. They are among the notes
            as well.
        meaning: what the job's sentence means, where it has one.
    """

    result: ViewSet
    focus: str
    warnings: list[list[str]]
    meaning: Meaning | None = None

    @property
    def is_found(self) -> bool:
        """Whether any of the views shows something of what they are of."""
        return self.result.shows_anything


@dataclass(frozen=True, kw_only=True)
class Rendered(Outcome):
    """Pictures of a scene.

    Attributes:
        viewpoint: the camera, or that around which the others are, in the coordinates of the scene's file.
        near, far: the clip planes, scene units.
        background: RGB in 0..1; None where it is transparent.
        blank: the names of those files in which the scene fills no pixel. There is a note of it.
    """

    viewpoint: Viewpoint
    near: float
    far: float
    background: tuple[float, float, float] | None = (1.0, 1.0, 1.0)
    blank: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Segmented(Outcome):
    """The vertices of a scene that a sentence means.

    Attributes:
        found: the scene's mask, and the views.
        sentence: what was looked for.
        segmenter: the name of what looked at the pictures.
        meaning: what the sentence means among the scene's objects, where it has some.
        iou: of the mask and these objects.
    """

    found: Exploration
    sentence: str
    segmenter: str
    meaning: Meaning | None = None
    iou: float | None = None


@dataclass(frozen=True, kw_only=True)
class Evaluated(Outcome):
    """The figures of an evaluation.

    Attributes:
        kind: "queries", "instances" or "classes"; empty after an interruption.
        figures: by group of queries or by class; "all" is over all of them. See docs/evaluation.md for their names.
            There are none after an interruption.
        done: how many queries or scenes were evaluated now, and by earlier runs.
        total: how many there are.
    """

    kind: str
    figures: dict[str, dict[str, float]]
    done: int
    total: int
