"""A running job, as a person sees it."""

from __future__ import annotations

from contextlib import ExitStack
from types import TracebackType

from rich.console import Console

from tvdrnet_nv.cli._console import working
from tvdrnet_nv.cli._flags import in_flags
from tvdrnet_nv.cli._output import tell
from tvdrnet_nv.cli._progress import OptimizationProgress
from tvdrnet_nv.jobs.events import OPTIMIZING, Event, Kind
from tvdrnet_nv.optimization import Progress

_STYLES = {Kind.SCENE: "bold", Kind.DEVICE: "dim", Kind.START: "", Kind.STEP: "dim"}
_STYLES |= {Kind.NOTE: "yellow", Kind.INTERRUPTED: "bold yellow"}
_NAMED = (Kind.NOTE, Kind.INTERRUPTED)  # the line begins with the kind


class Display:
    """Shows a job's events, and its progress where it has one.

    Args:
        console: where to.
        hidden: kinds of events that are left out.
        iterations: how many the job has at most.
        fov: whether the field of view is among the values that are shown.
    """

    def __init__(
        self, console: Console, *, hidden: tuple[Kind, ...] = (), iterations: int = 1, fov: bool = False
    ) -> None:
        self._console, self._hidden = console, hidden
        self._iterations, self._fov = iterations, fov
        self._shown = ExitStack()  # the spinner or the bar of the current phase
        self._progress: OptimizationProgress | None = None

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shown.close()

    def event(self, event: Event) -> None:
        """Show one event; a phase stays on a terminal until the next event."""
        self._shown.close()
        if event.kind in self._hidden:
            return
        if event.kind != Kind.PHASE:
            text = f"{event.kind}: {event.text}" if event.kind in _NAMED else event.text
            tell(self._console, in_flags(text), _STYLES[event.kind])
        elif event.text == OPTIMIZING:
            self._progress = OptimizationProgress(self._console, self._iterations, fov=self._fov)
            self._shown.enter_context(self._progress)
        else:
            self._shown.enter_context(working(self._console, event.text))

    def progress(self, step: Progress) -> None:
        """Show one iteration."""
        if self._progress is not None:
            self._progress(step)
