"""The list and the journal of a hundred thousand jobs, with jobs that return at once.

    python -m tvdrnet_nv.benchmarks.batch.manifest --jobs 100000

Three processes: one makes the batch; one does half of its jobs and is killed; one goes on. Each tells its seconds, the
processor time since it began, and the most memory that it had.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tvdrnet_nv.batch import BatchFolder, Journal, Source, Standing, open_batch
from tvdrnet_nv.batch.drive import Driver
from tvdrnet_nv.batch.executor import Ended, Event, Left
from tvdrnet_nv.batch.journal import JournalWriter
from tvdrnet_nv.batch.locks import driver_lock
from tvdrnet_nv.batch.queue import Chunk
from tvdrnet_nv.batch.results import write_results
from tvdrnet_nv.batch.worker import Limits, Task
from tvdrnet_nv.benchmarks.processes import PYTHON

PER_SCENE = 50
WORKERS = 64


def main() -> int:
    """Run it all, or one process of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=None, help="keep everything in this folder")
    parser.add_argument("--step", choices=["make", "half", "resume"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        _step(given.step, given.jobs, given.out)
        return 0
    folder = given.out or Path(tempfile.mkdtemp(prefix="tvdr-nv-manifest-"))
    folder.mkdir(parents=True, exist_ok=True)
    for step in ("make", "half", "resume"):
        command = [*PYTHON, "-m", __spec__.name, "--jobs", str(given.jobs), "--out", str(folder), "--step", step]
        done = subprocess.run(command, check=False)
        if done.returncode != (-signal.SIGKILL if step == "half" else 0):
            return 1
    for file in sorted((folder / "out").rglob("*.*")):
        print(f"{file.relative_to(folder)}: {file.stat().st_size / 2**20:.1f} MiB")
    if given.out is None:
        shutil.rmtree(folder)
    return 0


def _step(step: str, jobs: int, folder: Path) -> None:
    began = time.perf_counter()
    table, out = folder / "jobs.jsonl", folder / "out"
    if step == "make":
        with table.open("w", encoding="utf-8") as stream:
            for number in range(jobs):
                row = {"scene": f"scans/scene{number // PER_SCENE:05d}.ply", "focus": f"object={number % PER_SCENE}"}
                stream.write(json.dumps(row) + "\n")
        began = time.perf_counter()
        open_batch(Source(table=table), out)
        _tell(f"the list of {jobs:,} jobs is made", began)
        return
    batch = open_batch(Source(table=table), out)
    with driver_lock(batch.path) as token:
        journal = Journal(batch.journal, len(batch))
        with JournalWriter(batch.journal) as writer:
            executor = AtOnce(batch, None if step == "resume" else jobs // 2, began)
            driver = Driver(
                batch,
                journal,
                writer,
                executor,
                token=token,
                limits=Limits(),
                retries=2,
                tell=_check,
            )
            driver.run(lambda: None)
        _tell("all jobs are done", began)
        again = time.perf_counter()
        write_results(batch, Journal(batch.journal, len(batch)))
        _tell("the table of results is written", again)


def _check(standing: Standing) -> None:
    assert standing.left >= 0


class AtOnce:
    """Workers whose jobs return at once, with a row of the usual size.

    Args:
        batch: the batch.
        until: after so many jobs this process kills itself; None for never.
        began: when the process began, to tell when the first job is given out.
    """

    def __init__(self, batch: BatchFolder, until: int | None, began: float) -> None:
        self._batch, self._until, self._began, self._given = batch, until, began, 0
        self._chunks: deque[tuple[Chunk, Task]] = deque()

    def idle(self) -> Sequence[int | None]:
        """See `Executor`."""
        return [None] * (WORKERS - len(self._chunks))

    def chunk(self, jobs: int, left: int) -> int:
        """See `Executor`."""
        return 1

    def submit(self, chunk: Chunk, task: Task) -> None:
        """See `Executor`."""
        if not self._given:
            _tell("the first job is given out", self._began)
        self._given += len(chunk.numbers)
        if self._until is not None and self._given > self._until:
            _tell(f"{self._until:,} jobs are done, killed", self._began)
            os.kill(os.getpid(), signal.SIGKILL)
        self._chunks.append((chunk, task))

    def wait(self, seconds: float) -> list[Event]:
        """See `Executor`."""
        events: list[Event] = []
        while self._chunks:
            chunk, _ = self._chunks.popleft()
            events += [*(Ended(chunk, _row(number)) for number in chunk.numbers), Left(chunk)]
        return events

    def close(self) -> None:
        """See `Executor`."""


def _row(number: int) -> dict[str, Any]:
    """A row as a view's, with numbers of as many digits."""
    digits = [1 / (3 + number % 97 + k) for k in range(16)]
    return {
        "number": number,
        "state": "done",
        "status": "converged",
        "found": True,
        "loss": digits[3],
        "initial_loss": digits[4],
        "iterations": 16,
        "width": 256,
        "height": 256,
        "camera_to_world": [digits],
        "K": [digits[:9]],
        "warnings": [],
        "distance": digits[0],
        "elevation": digits[1],
        "azimuth": digits[2],
        "fov": 60.0,
        "at": digits[:3],
        "files": ["optimized_params.json", "optimized_view.png", "optimization_comparison.png"],
        "folder": f"jobs/{number // 1000:05d}/{number:06d}",
        "seconds": 1.234,
    }


def _tell(what: str, began: float) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    spent = time.process_time()  # since the process began, its imports included
    print(f"{what}: {time.perf_counter() - began:.2f} s, {spent:.2f} s of processor time, {memory:.0f} MiB", flush=True)


if __name__ == "__main__":
    sys.exit(main())
