"""What every worker does, however it was started: a chunk of jobs, each within its limits."""

from __future__ import annotations

import faulthandler
import importlib
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tvdrnet_nv.batch.folder import JobPlace
from tvdrnet_nv.batch.locks import worker_lock
from tvdrnet_nv.batch.one_job import failed_row, run_one

LATE = "Timeout ("  # how faulthandler's report begins


@dataclass(frozen=True)
class Limits:
    """What a job may take.

    Attributes:
        seconds: after these its process ends; None for any time.
        memory: GiB of private memory of its process; None for any.
        threads: that compute.
    """

    seconds: float | None = None
    memory: float | None = None
    threads: int = 1


@dataclass(frozen=True)
class Task:
    """What a worker is given.

    Attributes:
        folder: of the batch.
        token: of the driver.
        jobs: in order.
        limits: of each job.
    """

    folder: Path
    token: str
    jobs: tuple[JobPlace, ...]
    limits: Limits


def run_task(task: Task) -> Iterator[dict[str, Any]]:
    """Do the jobs one after the other, and give the row of each.

    Raises:
        StaleRunError: another driver has taken the batch over.
    """
    _apply(task.limits)
    importlib.import_module("tvdrnet_nv.jobs.run_optimize")  # before a job's time begins
    with worker_lock(task.folder, task.token) as check:
        for place in task.jobs:
            check()
            try:
                with _time_limit(place.log, task.limits.seconds):
                    row = run_one(place)
            except OSError as error:  # of the log
                row = failed_row(place, error)
            yield row


def run_alone(task: Task) -> list[dict[str, Any]]:
    """Do the jobs in a process that may serve others as well: what is kept for them goes with the task.

    Raises:
        StaleRunError: as `run_task`.
    """
    from tvdrnet_nv.jobs.kept_meshes import kept_meshes

    with kept_meshes():
        return list(run_task(task))


def is_late(place: JobPlace) -> bool:
    """Whether the job's time limit has ended its process."""
    try:
        with place.log.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(len(LATE)) == LATE
    except OSError:
        return False


def _apply(limits: Limits) -> None:
    import torch

    if torch.get_num_threads() != limits.threads:
        torch.set_num_threads(limits.threads)
    if limits.memory is not None:
        # The data segment and private mappings. An address space holds files and reserved room as well.
        size = int(limits.memory * 2**30)
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (size, hard))


@contextmanager
def _time_limit(log: Path, seconds: float | None) -> Iterator[None]:
    """End this process when a job takes longer, wherever it is; the log says where that was.

    A thread of the interpreter's own does it, which needs no lock of Python's.
    """
    if seconds is None:
        yield
        return
    log.parent.mkdir(exist_ok=True)
    with log.open("w", encoding="utf-8") as stream:
        faulthandler.dump_traceback_later(seconds, exit=True, file=stream)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
    with suppress(FileNotFoundError):  # a job that is done has removed it
        if not log.stat().st_size:
            log.unlink()
