"""An optimisation in a thread of its own, which others watch and may stop."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import NamedCamera, from_camera
from tvdrnet_nv.jobs import Event, Kind, OptimizeJob
from tvdrnet_nv.jobs.outcome import Optimized, ViewsFound
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.optimization import Progress
from tvdrnet_nv.viewer.run_folder import RunFolder, read_run

OnChange = Callable[["Run"], None]


class State(StrEnum):
    """Where a run stands."""

    RUNNING = "running"
    STOPPING = "stopping"  # it was asked to, and ends with its next iteration
    DONE = "done"
    FAILED = "failed"


class Run:
    """One optimisation. Its thread writes the attributes; whoever reads them sees some moment of it.

    Attributes:
        title: what is looked for, in a few words.
        focus: the part of the scene, in the words of `OptimizeJob.focus`; None for a sentence or a picture.
        folder: where its files go.
        state: where it stands.
        phase: the piece of work that is done now, in words.
        steps: (iteration, loss, best loss) of each iteration; iterations of several views follow one another.
        path: the leading camera of each iteration, in the coordinates of the scene's file.
        notes: what the user should know.
        error: why it has failed.
        found: what it has left behind.
        outcome: what the job has returned.
    """

    def __init__(self, title: str, job: OptimizeJob, mesh: Mesh, size: tuple[int, int], on_change: OnChange) -> None:
        self.title, self.folder, self.size = title, Path(str(job.out)), size
        self.focus = None if job.focus is None else str(job.focus)
        self.state, self.phase = State.RUNNING, "preparing"
        self.steps: list[tuple[int, float, float]] = []
        self.path: list[NamedCamera] = []
        self.notes: list[str] = []
        self.error: str | None = None
        self.found: RunFolder | None = None
        self.outcome: Optimized | ViewsFound | None = None
        self._job, self._mesh, self._on_change = job, mesh, on_change
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"run {self.folder.name}", daemon=True)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.state in (State.RUNNING, State.STOPPING)

    def begin(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End it with its next iteration; the best camera so far is written as ever."""
        self._stop.set()
        if self.state == State.RUNNING:
            self.state = State.STOPPING
            self._tell()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it has ended, at most so long; whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        state, error = State.FAILED, "was ended"
        try:
            self.outcome = self._job.run(self._progress, self._event)
            self.found = read_run(self.folder)
            state, error = State.DONE, None
        except InputError as refusal:
            error = str(refusal)
        except MemoryError:
            error = "not enough memory; use a smaller scene, or smaller pictures"
        except Exception as bug:  # the page says that it has failed; the terminal, where
            traceback.print_exc()
            error = f"{type(bug).__name__}: {bug}"
        finally:
            self.error, self.phase, self.state = error, "", state
            self._tell()

    def _tell(self) -> None:
        """Tell who watches; one that fails costs nothing of the run."""
        try:
            self._on_change(self)
        except Exception:
            traceback.print_exc()

    def _event(self, event: Event) -> None:
        if event.kind == Kind.PHASE:
            self.phase = event.text
        elif event.kind in (Kind.NOTE, Kind.START, Kind.INTERRUPTED):
            self.notes.append(event.text)
        self._tell()

    def _progress(self, step: Progress) -> bool:
        self.steps.append((len(self.steps) + 1, step.loss, step.best_loss))
        origin = np.array(self._mesh.origin)
        self.path.append(from_camera(step.viewpoint, self.size, f"iteration {len(self.steps)}", origin))
        self._tell()
        return self._stop.is_set()
