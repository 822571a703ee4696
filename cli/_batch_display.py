"""A batch as a person sees it: while it runs, and how far it is."""

from __future__ import annotations

import time
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tvdrnet_nv.batch.pace import Pace, in_words
from tvdrnet_nv.cli._output import print_json, results, say
from tvdrnet_nv.cli._spelled import spelled
from tvdrnet_nv.cli._tables import Facts

if TYPE_CHECKING:
    from tvdrnet_nv.batch import BatchFolder, BatchOutcome, Standing

_EVERY = 10.0  # seconds between lines where there is no terminal
_SHOWN = 5  # failures


class BatchDisplay:
    """A bar on a terminal, a line now and then anywhere else. Use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console, self._pace = console, Pace()
        self._bar = Progress(
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rest]}"),
            console=console,
            transient=True,
            expand=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, rest=spelled("starting …", console.encoding))
        self._told = 0.0

    def __enter__(self) -> BatchDisplay:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def tell(self, standing: Standing) -> None:
        """What `run_batch` tells."""
        rate = self._pace.rate(standing.ended)
        parts = [f"{rate:.3g} jobs/s", f"{in_words(standing.left / rate)} left"] if rate else []
        parts += [f"{standing.failed:,} failed"] if standing.failed else []
        ended = standing.done + standing.failed
        self._bar.update(self._task, completed=ended, total=standing.jobs, rest="   ".join(parts))
        now = time.monotonic()
        if not self._console.is_terminal and (now - self._told >= _EVERY or not standing.left):
            self._told = now
            say(self._console, "   ".join([f"{ended:,}/{standing.jobs:,}", *parts]))


def show_outcome(outcome: BatchOutcome, *, quiet: bool, as_json: bool) -> None:
    """How a run has ended."""
    standing = outcome.standing
    if as_json:
        print_json({**_counts(standing), "interrupted": outcome.interrupted, "results": str(outcome.results)})
        return
    console = results(quiet)
    for name, reason in outcome.failures[:_SHOWN]:
        say(console, f"{name}: {reason}")
    if standing.failed > _SHOWN:
        say(console, f"and {standing.failed - _SHOWN:,} more failures; `tvdr-nv batch status {outcome.results.parent}`")
    say(console, f"{standing.done:,} of {standing.jobs:,} jobs are done, {standing.failed:,} failed", "bold")
    say(console, str(outcome.results))
    if outcome.interrupted:
        say(console, "interrupted; the same command goes on")


def show_status(batch: BatchFolder, *, quiet: bool, as_json: bool) -> int:
    """How far a batch is, and the reasons of failures."""
    from tvdrnet_nv.batch import Journal, standing_of
    from tvdrnet_nv.batch.journal import IS_FAILED

    journal = Journal(batch.journal, len(batch))
    standing = standing_of(journal)
    failed = [
        {"name": batch.place(row["number"]).name, **{key: row[key] for key in ("kind", "reason", "attempts")}}
        for row in journal.rows(IS_FAILED)
    ]
    counts = _counts(standing)
    if as_json:
        print_json({**counts, "source": batch.facts["source"], "failures": failed})
        return 0
    console = results(quiet)
    kinds = Counter(row["kind"] for row in failed)
    why = ", ".join(f"{count:,} by {kind}" for kind, count in kinds.most_common())
    rows = [("from", batch.facts["source"]), *((name, f"{count:,}") for name, count in counts.items())]
    console.print(Facts([*rows, ("failures", why)] if failed else rows))
    for row in failed:
        say(console, f"  {row['name']} ({row['kind']}, tried {row['attempts']}×): {row['reason']}")
    return 0


def _counts(standing: Standing) -> dict[str, int]:
    return {"jobs": standing.jobs, "done": standing.done, "failed": standing.failed, "left": standing.left}
