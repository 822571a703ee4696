"""What both kinds of evaluation share: the log of scores, progress, Ctrl-C."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tvdrnet_nv.evaluation import ScoreLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tvdrnet_nv.jobs.events import Reporter
    from tvdrnet_nv.jobs.interrupt import Interruptible

LOG_FILE = "scores.jsonl"


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        kind: "queries", "instances" or "classes".
        figures: by group or class; "all" is over all of them.
        table: rows of the table, each value by its column's name.
        table_name: of the table's file, without its suffix.
        files: other files that were written.
    """

    kind: str
    figures: dict[str, dict[str, float]]
    table: Sequence[Mapping[str, Any]]
    table_name: str
    files: list[Path]


class EvaluationRun:
    """A run into a folder.

    Attributes:
        out: the folder.
        reporter: takes notes.
        done: how many queries or scenes have a score.
        total: how many there are.
    """

    def __init__(
        self, out: Path, reporter: Reporter, ctrl_c: Interruptible, on_progress: Callable[[int, int], None]
    ) -> None:
        self.out, self.reporter = out, reporter
        self._ctrl_c, self._on_progress = ctrl_c, on_progress
        self.done, self.total = 0, 0

    @contextmanager
    def log(self, total: int) -> Iterator[ScoreLog]:
        """The folder's log, once everything else has been checked; the folder is made.

        Raises:
            InputError: the folder holds something else of the log's name.
        """
        self.total = total
        self.out.mkdir(parents=True, exist_ok=True)
        with ScoreLog(self.out / LOG_FILE) as log:
            yield log

    def step(self, *, count: int = 1) -> None:
        """Some more are done.

        Raises:
            KeyboardInterrupt: Ctrl-C was pressed.
        """
        self.done += count
        self._on_progress(self.done, self.total)
        self.check()

    def check(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was pressed."""
        self._ctrl_c.check()


def stamp_of(*parts: object) -> str:
    """A short text that changes when one of the parts does."""
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]
