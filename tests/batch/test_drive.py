"""What the driver makes of chunks that break."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.batch.examples import box_jobs, new_batch
from tvdrnet_nv.batch.drive import Driver, Standing
from tvdrnet_nv.batch.executor import Broken, Ended, Event, Left
from tvdrnet_nv.batch.journal import Journal, JournalWriter
from tvdrnet_nv.batch.locks import driver_lock
from tvdrnet_nv.batch.queue import Chunk
from tvdrnet_nv.batch.worker import Limits, Task, run_task

RETRIES = 3


class Unlucky:
    """An executor that gives out chunks of three. Its process is lost again and again at the jobs of the first one, and
    before the last of them ends at the last time: as Ray, it says so only then.

    Args:
        always: whether the last job is to blame.
    """

    def __init__(self, *, always: bool) -> None:
        self._always, self._events, self._first = always, list[Event](), True

    def idle(self) -> Sequence[int | None]:
        return [] if self._events else [None]

    def chunk(self, jobs: int, left: int) -> int:
        return 3

    def submit(self, chunk: Chunk, task: Task) -> None:
        does = task.jobs[:-1] if self._first or self._always else task.jobs
        rows = list(run_task(Task(task.folder, task.token, does, task.limits)))
        if len(does) < len(task.jobs):
            self._events = [Broken(chunk, "lost", exact=False, attempts=RETRIES + 1)]
        else:
            self._events = [*(Ended(chunk, row) for row in rows), Left(chunk)]
        self._first = False

    def wait(self, seconds: float) -> list[Event]:
        found, self._events = self._events, []
        return found

    def close(self) -> None:
        pass


def standing(box: Path, folder: Path, *, always: bool) -> tuple[Standing, list[int]]:
    """After the run; and how often each job was tried."""
    batch = new_batch(folder, box_jobs(box, 3))
    journal = Journal(batch.journal, 3)
    with driver_lock(batch.path) as token, JournalWriter(batch.journal) as writer:
        driver = Driver(
            batch,
            journal,
            writer,
            Unlucky(always=always),
            token=token,
            limits=Limits(),
            retries=RETRIES,
            tell=lambda standing: None,
        )
        driver.run(lambda: None)
    return driver.standing, journal.attempts.tolist()


def test_the_last_of_a_chunk_is_not_blamed_for_what_was_lost_at_the_others(box: Path, tmp_path: Path) -> None:
    found, attempts = standing(box, tmp_path / "out", always=False)
    assert (found.done, found.failed) == (3, 0)
    assert attempts == [1, 1, 2]


def test_one_that_is_lost_alone_as_often_is_given_up(box: Path, tmp_path: Path) -> None:
    found, attempts = standing(box, tmp_path / "out", always=True)
    assert (found.done, found.failed) == (2, 1)
    assert attempts == [1, 1, RETRIES + 2]
