"""Workers that are jobs of Slurm, through submitit. A chunk of jobs is one job of Slurm."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tvdrnet_nv.batch.executor import Broken, Ended, Event, Left
from tvdrnet_nv.batch.packages import needed
from tvdrnet_nv.batch.queue import Chunk, chunk_size
from tvdrnet_nv.batch.worker import Task, run_alone
from tvdrnet_nv.errors import InputError

_LARGEST = 256  # jobs of a chunk


class SlurmExecutor:
    """Jobs of Slurm.

    Args:
        folder: for submitit's files and the jobs' output; all nodes must see it.
        parameters: of submitit's `AutoExecutor`: timeout_min, cpus_per_task, gpus_per_node, slurm_partition and so on;
            `cluster` is "slurm", or "local" for processes on this machine.
        workers: chunks at once.

    Raises:
        InputError: submitit is not installed, there is no Slurm, or a parameter is none.
    """

    def __init__(self, folder: Path, parameters: Mapping[str, Any], *, workers: int) -> None:
        submitit: Any = needed("submitit", "submitit", "slurm", "--slurm")
        given = {"cluster": "slurm", **parameters}
        try:
            self._executor = submitit.AutoExecutor(folder=folder, cluster=given.pop("cluster"))
            self._executor.update_parameters(**given)
        except (RuntimeError, NameError, TypeError, ValueError, KeyError) as error:
            raise InputError(f"--slurm: {' '.join(str(error).split())}") from None
        self._errors = (submitit.core.utils.UncompletedJobError, submitit.core.utils.FailedJobError)
        self._workers = workers
        self._running: dict[Any, Chunk] = {}

    def idle(self) -> Sequence[int | None]:
        """See `Executor`."""
        return [None] * (self._workers - len(self._running))

    def chunk(self, jobs: int, left: int) -> int:
        """See `Executor`: a process is started for each, so that there are two for each worker."""
        return chunk_size(4 * jobs, self._workers, _LARGEST)

    def submit(self, chunk: Chunk, task: Task) -> None:
        """See `Executor`."""
        self._running[self._executor.submit(run_alone, task)] = chunk

    def wait(self, seconds: float) -> list[Event]:
        """See `Executor`."""
        ready = [job for job in self._running if job.done()]
        if not ready:
            time.sleep(seconds)
        events: list[Event] = []
        for job in ready:
            chunk = self._running.pop(job)
            try:
                rows = job.result()
            except self._errors as error:
                text = " ".join(str(error).split())[:300]
                events.append(Broken(chunk, f"its Slurm job {job.job_id} ended: {text}", exact=False))
                continue
            events += [*(Ended(chunk, row) for row in rows), Left(chunk)]
        return events

    def close(self) -> None:
        """See `Executor`."""
        for job in self._running:
            job.cancel(check=False)
