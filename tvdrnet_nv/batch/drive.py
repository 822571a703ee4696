"""The driver: gives out jobs, writes down what became of them, has failed ones tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tvdrnet_nv.batch.executor import Broken, Ended, Executor
from tvdrnet_nv.batch.folder import BatchFolder, JobPlace
from tvdrnet_nv.batch.journal import AGAIN, DONE, FAILED, IS_DONE, IS_FAILED, PENDING, Journal, JournalWriter
from tvdrnet_nv.batch.one_job import DISK, KILLED, TIME, TRIED_AGAIN
from tvdrnet_nv.batch.queue import Chunk, JobQueue
from tvdrnet_nv.batch.worker import Limits, Task, is_late

_POLL = 0.2  # seconds


class DiskFullError(OSError):
    """The disk is full: nothing can go on. No job is to blame."""


@dataclass(frozen=True)
class Standing:
    """How far a batch is.

    Attributes:
        jobs: of the batch.
        done: of them, in this run and earlier ones.
        failed: given up, likewise.
        ended: in this run, done or given up.
    """

    jobs: int
    done: int
    failed: int
    ended: int = 0

    @property
    def left(self) -> int:
        """How many are to be done."""
        return self.jobs - self.done - self.failed


class Driver:
    """One run of a batch.

    Args:
        batch: the batch.
        journal: what is known of its jobs; it is kept up to date.
        writer: of the journal.
        executor: the workers.
        token: of this driver, see `driver_lock`.
        limits: of each job.
        retries: how often a job is tried again.
        tell: is called after each change.
    """

    def __init__(
        self,
        batch: BatchFolder,
        journal: Journal,
        writer: JournalWriter,
        executor: Executor,
        *,
        token: str,
        limits: Limits,
        retries: int,
        tell: Callable[[Standing], None],
    ) -> None:
        self._batch, self._journal, self._writer, self._executor = batch, journal, writer, executor
        self._token, self._limits, self._retries, self._tell = token, limits, retries, tell
        pending = np.flatnonzero(journal.states == PENDING)
        scenes = batch.scenes.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        self._queue = JobQueue(pending, scenes, lambda left: executor.chunk(len(pending), left))
        self._running: dict[Chunk, dict[int, JobPlace]] = {}  # with the jobs that have not ended
        counts = np.bincount(journal.states, minlength=3)
        self._done, self._failed, self._ended = int(counts[IS_DONE]), int(counts[IS_FAILED]), 0

    @property
    def standing(self) -> Standing:
        """How far the batch is."""
        return Standing(len(self._batch), self._done, self._failed, self._ended)

    def run(self, check: Callable[[], None]) -> None:
        """Do all jobs that are left.

        Args:
            check: is called a few times a second; may raise KeyboardInterrupt.

        Raises:
            DiskFullError: nothing can be written.
        """
        self._tell(self.standing)
        while self._queue or self._running:
            check()
            for scene in self._executor.idle():
                if self._queue:
                    self._submit(self._queue.take(scene))
            for event in self._executor.wait(_POLL):
                if isinstance(event, Ended):
                    self._take(event.chunk, event.row)
                elif isinstance(event, Broken):
                    self._mend(event)
                else:
                    del self._running[event.chunk]

    def _submit(self, chunk: Chunk) -> None:
        places = {number: self._batch.place(number) for number in chunk.numbers}
        self._running[chunk] = places
        self._executor.submit(chunk, Task(self._batch.path, self._token, tuple(places.values()), self._limits))

    def _mend(self, event: Broken) -> None:
        """A chunk has ended in the middle."""
        for place in list(self._running[event.chunk].values()):
            row = place.finished()  # it was done, and nobody was left to say so
            if row is not None:
                self._take(event.chunk, row)
        left = self._running.pop(event.chunk)
        if not left:
            return
        if event.attempts and (event.exact or len(left) == 1):
            number, place = next(iter(left.items()))
            late = self._limits.seconds is not None and is_late(place)
            kind = TIME if late else KILLED
            seconds = self._limits.seconds or 0.0
            reason = (
                f"took longer than {seconds:g} s; logs/{place.log.name} says where it was" if late else event.reason
            )
            del left[number]
            # Of a chunk of several, others were at work at the earlier attempts.
            tries = event.attempts if len(event.chunk.numbers) == 1 else 1
            self._end({"number": number, "state": "failed", "kind": kind, "reason": reason}, tries)
        # Which of them was to blame is not known where it is not exact: then each goes on alone.
        self._queue.again(left, alone=event.attempts > 0 and not event.exact)

    def _take(self, chunk: Chunk, row: dict[str, Any]) -> None:
        """A worker's row."""
        if row.get("kind") == DISK:
            raise DiskFullError(row["reason"])
        if self._running[chunk].pop(row["number"], None) is not None:
            self._end(row, 1)

    def _end(self, row: dict[str, Any], tries: int) -> None:
        """A job has ended, or an attempt at it."""
        number = row["number"]
        attempts = int(self._journal.attempts[number]) + tries
        self._journal.attempts[number] = min(attempts, np.iinfo(np.uint16).max)
        if row["state"] == "done":
            event, self._journal.states[number] = DONE, IS_DONE
        elif row["kind"] in TRIED_AGAIN and attempts <= self._retries:
            event, row = AGAIN, {"kind": row["kind"], "reason": row["reason"]}
            self._queue.again([number], alone=True)
        else:
            event, self._journal.states[number] = FAILED, IS_FAILED
        try:
            self._writer.add(event, number, attempts, row)
        except OSError as error:
            raise DiskFullError(error.errno, error.strerror, str(self._batch.journal)) from error
        self._done += event == DONE
        self._failed += event == FAILED
        self._ended += event in (DONE, FAILED)
        self._tell(self.standing)
