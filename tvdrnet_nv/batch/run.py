"""A batch from its jobs to its results: made or gone on with, driven, summed up."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tvdrnet_nv.batch.drive import DiskFullError, Driver, Standing
from tvdrnet_nv.batch.executor import Executor
from tvdrnet_nv.batch.folder import BATCH_FILE, BatchFolder, digest_of, make_batch, remove_partial
from tvdrnet_nv.batch.journal import IS_FAILED, PENDING, RETRY, Journal, JournalWriter
from tvdrnet_nv.batch.locks import driver_lock
from tvdrnet_nv.batch.results import write_results
from tvdrnet_nv.batch.sources import Source
from tvdrnet_nv.batch.worker import Limits
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.interrupt import Interruptible


@dataclass(frozen=True, kw_only=True)
class BatchSettings:
    """How the jobs are done; the results do not depend on it.

    Attributes:
        workers: how many jobs are done at once; by default one for each processor, or as many as the cluster takes.
        threads: of each worker; by default the processors are shared out.
        time_limit: seconds, after which a job's process is ended.
        memory: GiB that a worker's process may take.
        retries: how often a job is tried again that has run out of memory or time, or whose process was ended. What
            its input is to blame for is not tried again.
        ray: "auto" or the address of a Ray cluster.
        num_cpus: processors of a worker on Ray.
        num_gpus: GPUs of a worker on Ray.
        slurm: parameters of submitit, for jobs of Slurm.
    """

    workers: int | None = None
    threads: int | None = None
    time_limit: float | None = None
    memory: float | None = None
    retries: int = 2
    ray: str | None = None
    num_cpus: float = 1.0
    num_gpus: float = 0.0
    slurm: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("workers", "threads", "time_limit", "memory"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InputError(f"`{name}` {value:g}: wanted more than 0")
        for name in ("retries", "num_cpus", "num_gpus"):
            if not getattr(self, name) >= 0:
                raise InputError(f"`{name}` {getattr(self, name):g}: wanted 0 or more")
        if self.ray is not None and self.slurm:
            raise InputError("`ray` and `slurm` exclude each other; give one of them")


@dataclass(frozen=True)
class BatchOutcome:
    """What a run of a batch came to.

    Attributes:
        standing: how many jobs are done, given up, and left.
        results: the table, a row for each job that has ended.
        failures: name and reason of jobs that were given up, the first some.
        interrupted: whether Ctrl-C ended it. The next run goes on.
    """

    standing: Standing
    results: Path
    failures: list[tuple[str, str]]
    interrupted: bool = False


def open_batch(source: Source, out: Path) -> BatchFolder:
    """The batch of a folder; where there is none, a new one.

    Raises:
        InputError: the jobs cannot be used, or the folder holds a batch of other jobs.
    """
    stamp = source.stamp()
    if not (out / BATCH_FILE).exists():
        return make_batch(out, source.jobs(), source=source.text, stamp=stamp)
    batch = BatchFolder(out)
    if (stamp is None or stamp != batch.facts["source_stamp"]) and digest_of(source.jobs()) != batch.facts["digest"]:
        raise InputError(
            f"{out}: holds a batch of other jobs, from {batch.facts['source']}; choose another folder, or go on with "
            f"that one by `tvdr-nv batch run --out {out}`"
        )
    return batch


def run_batch(
    batch: BatchFolder,
    settings: BatchSettings | None = None,
    tell: Callable[[Standing], None] = lambda standing: None,
    *,
    retry: bool = False,
) -> BatchOutcome:
    """Do the jobs that are left, and write the table of results.

    Processes are started afresh, so a program that calls this keeps its own work under `if __name__ == "__main__"`.

    Args:
        batch: see `open_batch`.
        settings: how.
        tell: is called after each change.
        retry: also do jobs that were given up.

    Raises:
        InputError: another run is at work in the folder, a setting cannot be used, or the disk is full.
    """
    settings = settings or BatchSettings()
    with driver_lock(batch.path) as token:
        try:
            interrupted = _drive(batch, settings, token, tell, retry=retry)
        finally:
            remove_partial(batch)
        journal = Journal(batch.journal, len(batch))
        results = write_results(batch, journal)
    return BatchOutcome(standing_of(journal), results, failures_of(batch, journal, 20), interrupted)


def _drive(
    batch: BatchFolder, settings: BatchSettings, token: str, tell: Callable[[Standing], None], *, retry: bool
) -> bool:
    """Do the jobs that are left; tells whether Ctrl-C ended it."""
    journal = Journal(batch.journal, len(batch))
    if not (journal.states == PENDING).any() and not (retry and (journal.states == IS_FAILED).any()):
        tell(standing_of(journal))
        return False
    workers, limits = _shares(settings)
    try:
        with JournalWriter(batch.journal) as writer, Interruptible() as ctrl_c:
            if retry:
                _want_again(journal, writer)
            executor = _executor(batch, settings, workers, limits)
            try:
                driver = Driver(
                    batch,
                    journal,
                    writer,
                    executor,
                    token=token,
                    limits=limits,
                    retries=settings.retries,
                    tell=tell,
                )
                driver.run(ctrl_c.check)
            except KeyboardInterrupt:
                return True
            finally:
                executor.close()
    except DiskFullError as error:
        standing = standing_of(Journal(batch.journal, len(batch)))
        raise InputError(
            f"{batch.path}: {os.strerror(error.errno or errno.ENOSPC).lower()}; {standing.done:,} of {standing.jobs:,} "
            "jobs are done and stay so; free some space and give the same command again"
        ) from error
    return False


def _want_again(journal: Journal, writer: JournalWriter) -> None:
    for number in (journal.states == IS_FAILED).nonzero()[0].tolist():
        writer.add(RETRY, number, 0, {})
        journal.states[number], journal.attempts[number] = PENDING, 0


def _shares(settings: BatchSettings) -> tuple[int, Limits]:
    """How many workers there are, about, and what each may take."""
    cores = len(os.sched_getaffinity(0))
    workers = settings.workers or cores
    if settings.ray is not None:
        threads = max(1, int(settings.num_cpus))
    elif settings.slurm:
        threads = max(1, int(settings.slurm.get("cpus_per_task", 1)))
    else:
        threads = max(1, cores // workers)
    return workers, Limits(settings.time_limit, settings.memory, settings.threads or threads)


def _executor(batch: BatchFolder, settings: BatchSettings, workers: int, limits: Limits) -> Executor:
    if settings.ray is not None:
        from tvdrnet_nv.batch.ray_executor import RayExecutor

        return RayExecutor(
            settings.ray,
            cpus=settings.num_cpus,
            gpus=settings.num_gpus,
            retries=settings.retries,
            workers=settings.workers,
        )
    if settings.slurm:
        from tvdrnet_nv.batch.slurm_executor import SlurmExecutor

        return SlurmExecutor(batch.path / "slurm", settings.slurm, workers=workers)
    from tvdrnet_nv.batch.local import LocalExecutor

    return LocalExecutor(workers, limits.threads)


def standing_of(journal: Journal) -> Standing:
    """How far a batch is."""
    done = int((journal.states != PENDING).sum())
    failed = int((journal.states == IS_FAILED).sum())
    return Standing(len(journal.states), done - failed, failed)


def failures_of(batch: BatchFolder, journal: Journal, limit: int | None = None) -> list[tuple[str, str]]:
    """Name and reason of the jobs that were given up, the first so many."""
    found = []
    for row in journal.rows(IS_FAILED):
        if limit is not None and len(found) == limit:
            break
        found.append((batch.place(row["number"]).name, row["reason"]))
    return found
