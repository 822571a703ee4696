"""What a running job reports."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an event says.

    scene: the scene, the pictures' size and the up axis. device: the backend, and why it was chosen. start: the view
    that a mapping proposes, or what a sentence means. step: what a view of a segmentation has changed. note: something
    that the user should know. interrupted: Ctrl-C ended the job; what was kept. phase: a longer piece of work begins;
    it is one of `PHASES`.
    """

    SCENE = "scene"
    DEVICE = "device"
    START = "start"
    STEP = "step"
    NOTE = "note"
    INTERRUPTED = "interrupted"
    PHASE = "phase"


SEARCHING = "looking from all around"
OPTIMIZING = "optimizing"
RENDERING = "rendering"
SEGMENTING = "segmenting views"
WRITING = "writing the pictures"
PHASES = (SEARCHING, OPTIMIZING, RENDERING, SEGMENTING, WRITING)


@dataclass(frozen=True)
class Event:
    """One report. In `text`, the names of a job's fields stand in backticks."""

    kind: Kind
    text: str


OnEvent = Callable[[Event], None]


class Reporter:
    """Passes events on, and keeps the notes and the phases' times.

    Attributes:
        notes: the texts of the notes.
        seconds: how long each phase has taken, by its name, besides "preparing", which comes first.
    """

    def __init__(self, on_event: OnEvent | None) -> None:
        self._on_event = on_event
        self.notes: list[str] = []
        self.seconds: dict[str, float] = {}
        self._phase, self._began = "preparing", time.perf_counter()

    def report(self, kind: Kind, text: str) -> None:
        """Pass on one event; a note that was passed on already is not repeated."""
        if kind == Kind.NOTE and text in self.notes:
            return
        if kind in (Kind.NOTE, Kind.INTERRUPTED):
            self.notes.append(text if kind == Kind.NOTE else f"interrupted: {text}")
        if self._on_event is not None:
            self._on_event(Event(kind, text))

    def begin(self, phase: str) -> None:
        """One of `PHASES` begins, and the one before has ended."""
        self.end()
        self._phase = phase
        self.report(Kind.PHASE, phase)

    def end(self) -> None:
        """The current phase has ended."""
        now = time.perf_counter()
        self.seconds[self._phase] = self.seconds.get(self._phase, 0.0) + now - self._began
        self._began = now
