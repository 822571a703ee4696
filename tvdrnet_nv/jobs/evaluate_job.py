"""Which predictions are to be evaluated, and on what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tvdrnet_nv.choices import ClassListName, Missing
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.checks import Limit, check_choice, check_numbers, check_paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from tvdrnet_nv.jobs.events import OnEvent
    from tvdrnet_nv.jobs.outcome import Evaluated

_COUNT = Limit("0 or more", lambda value: value >= 0, whole=True)
_FINITE = Limit("a finite number", math.isfinite)


@dataclass(frozen=True, kw_only=True)
class EvaluateJob:
    """Evaluate predictions; docs/evaluation.md has the rules and the formats.

    `EvaluateJob(dataset="ScanRefer_val.json", predictions="masks", scenes="scans").run()` gives the figures.

    A folder `out` of an earlier run is gone on with: what has not changed is not evaluated again.

    Attributes:
        dataset: a file of sentences (ScanRefer, Nr3D, Sr3D, Reason3D, Instruct3D), or a folder of scenes or of truth
            files, for instances and classes.
        predictions: a folder or a file.
        scenes: with a file of sentences, the folder of the scenes.
        truth: a folder of masks KEY.npy that are the truth, instead of the scenes' objects; needed for Reason3D, whose
            files name no objects.
        split: a file with the names of the scenes to evaluate; by default all of the data set.
        classes: for instances and classes: "scannet" (20 classes), "scannet200", or "all" that truth files have.
        missing: what queries or scenes without a prediction are: "refuse" them, "zero" for nothing found, or "skip".
        threshold: scores above it are the mask.
        gallery: how many of the worst queries the page of failures shows.
        out: the folder for the files; by default tvdr-nv-evaluate-NAME, with the predictions' name.

    Raises:
        InputError: a field cannot be used, or does not go with another one.
    """

    dataset: str | Path | None = None
    predictions: str | Path | None = None
    scenes: str | Path | None = None
    truth: str | Path | None = None
    split: str | Path | None = None
    classes: str = ClassListName.scannet
    missing: str = Missing.refuse
    threshold: float = 0.5
    gallery: int = 24
    out: str | Path | None = None

    def __post_init__(self) -> None:
        check_paths(vars(self), ("dataset", "predictions", "scenes", "truth", "split", "out"))
        check_choice("classes", self.classes, ClassListName)
        check_choice("missing", self.missing, Missing)
        check_numbers(vars(self), {"threshold": _FINITE, "gallery": _COUNT})
        if self.dataset is None:
            raise InputError("no data set given; name a file of sentences, or a folder of scenes")
        if self.predictions is None:
            raise InputError("no predictions given; name a folder or a file as `predictions`")
        if not Path(self.predictions).exists():
            raise InputError(f"`predictions` {self.predictions}: no such file or folder; check the path")
        if Path(self.dataset).is_dir():
            for name in ("scenes", "truth"):
                if getattr(self, name) is not None:
                    raise InputError(f"`{name}`: works only with a file of sentences; leave it out")
        elif self.scenes is None and Path(self.dataset).exists():
            raise InputError(f"{self.dataset}: the scenes of its sentences are needed; give their folder as `scenes`")
        elif self.classes != ClassListName.scannet:
            raise InputError("`classes`: works only with a folder of scenes; leave it out")

    @property
    def folder(self) -> Path:
        """Where the files go."""
        return Path(f"tvdr-nv-evaluate-{Path(str(self.predictions)).stem}" if self.out is None else self.out)

    def run(self, on_event: OnEvent | None = None, on_progress: Callable[[int, int], None] | None = None) -> Evaluated:
        """Do it and write the files.

        Args:
            on_event: is called with each `Event`.
            on_progress: is called with how many queries or scenes are done, and how many there are.

        Raises:
            InputError: a file cannot be used, or the folder cannot be written.
        """
        from tvdrnet_nv.jobs.run_evaluate import run_evaluate

        return run_evaluate(self, on_event, on_progress)
