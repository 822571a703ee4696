"""Workers that are processes on this machine. They share nothing but files with each other."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from tvdrnet_nv.batch.executor import Broken, Ended, Event, Left
from tvdrnet_nv.batch.one_job import TRIED_AGAIN
from tvdrnet_nv.batch.queue import Chunk
from tvdrnet_nv.batch.worker import Task, run_task

_CONTEXT = multiprocessing.get_context("spawn")  # a fork of threads and of CUDA is none that works


class LocalExecutor:
    """Processes, each with a pipe to this one. One that ends is replaced.

    Args:
        workers: how many.
        threads: of each, that compute.
    """

    def __init__(self, workers: int, threads: int) -> None:
        self._environments = [_environment(place, threads) for place in range(workers)]
        self._workers = [_Worker(environment) for environment in self._environments]

    @property
    def pids(self) -> list[int]:
        """The workers' process ids."""
        return [worker.pid for worker in self._workers]

    def idle(self) -> Sequence[int | None]:
        """See `Executor`."""
        return [worker.scene for worker in self._workers if worker.chunk is None]

    def chunk(self, jobs: int, left: int) -> int:
        """See `Executor`."""
        return 1

    def submit(self, chunk: Chunk, task: Task) -> None:
        """See `Executor`."""
        idle = [worker for worker in self._workers if worker.chunk is None]
        best = next((worker for worker in idle if worker.scene == chunk.scene), idle[0])
        best.give(chunk, task)

    def wait(self, seconds: float) -> list[Event]:
        """See `Executor`."""
        ready = set(wait([worker.pipe for worker in self._workers], timeout=seconds))
        events: list[Event] = []
        for place, worker in enumerate(self._workers):
            if worker.pipe not in ready:
                continue
            found, alive = worker.receive()
            events += found
            if not alive:
                self._workers[place] = _Worker(self._environments[place])
        return events

    def close(self) -> None:
        """See `Executor`."""
        for worker in self._workers:
            worker.kill()


class _Worker:
    """One process."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.pipe, child = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_serve, args=(child,), name="tvdr-nv batch worker")
        with _with(environment), _without_ctrl_c():
            self._process.start()
        child.close()
        self.chunk: Chunk | None = None
        self.scene: int | None = None

    @property
    def pid(self) -> int:
        return int(self._process.pid or 0)

    def give(self, chunk: Chunk, task: Task) -> None:
        self.chunk, self.scene = chunk, chunk.scene
        with suppress(OSError):  # it has ended; `receive` says so
            self.pipe.send(task)

    def receive(self) -> tuple[list[Event], bool]:
        """What it says, and whether it goes on."""
        events: list[Event] = []
        try:
            while self.pipe.poll():
                message = self.pipe.recv()
                chunk = self.chunk
                assert chunk is not None  # it speaks of the chunk that it was given
                if isinstance(message, dict):
                    events.append(Ended(chunk, message))
                    continue
                self.chunk = None
                if message is None:
                    events.append(Left(chunk))
                    continue
                # It wants to be replaced, and has not begun with the next job.
                events.append(Broken(chunk, message, exact=True, attempts=0))
                self.kill()
                return events, False
        except (EOFError, OSError):
            self._process.join()
            if self.chunk is not None:
                events.append(Broken(self.chunk, _ended(self._process.exitcode), exact=True))
            self.kill()
            return events, False
        return events, True

    def kill(self) -> None:
        """End it and what it has started."""
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _ended(code: int | None) -> str:
    """How a process has ended, in words."""
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        hint = ", as when memory runs out" if -code == signal.SIGKILL else ""
        return f"its process was ended by {name}{hint}"
    return f"its process ended with exit code {code}"


def _environment(place: int, threads: int) -> dict[str, str]:
    """What a worker's libraries read when they load: how many threads compute, and on which GPU where there are some.

    Without its own GPU each worker would take the first.
    """
    found: dict[str, str] = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    found["OMP_WAIT_POLICY"] = os.environ.get("OMP_WAIT_POLICY", "passive")
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    there = Path("/proc/driver/nvidia/gpus")
    gpus = (
        visible.split(",") if visible else [str(k) for k in range(len(list(there.iterdir())) if there.is_dir() else 0)]
    )
    if len(gpus) > 1:
        found["CUDA_VISIBLE_DEVICES"] = gpus[place % len(gpus)]
    return found


@contextmanager
def _with(environment: Mapping[str, str]) -> Iterator[None]:
    """Processes that are started now have this in their environment."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Processes that are started now do not get Ctrl-C, which is the driver's."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection) -> None:
    """The life of a worker: chunks come by the pipe, rows go back."""
    os.setpgid(0, 0)  # what a job starts ends with the job
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from tvdrnet_nv.jobs.kept_meshes import kept_meshes

    with kept_meshes():  # a worker goes on with its scene
        while True:
            task: Task = pipe.recv()
            for row in run_task(task):
                pipe.send(row)
                if row.get("kind") in TRIED_AGAIN:
                    # Memory may be short, CUDA may be in error: the next job gets a new process.
                    pipe.send("a new process is wanted")
                    return
            pipe.send(None)


def _end_with_parent() -> None:
    """End when the driver has ended, however that was: nobody would hear of the results."""
    parent: Any = multiprocessing.parent_process()
    wait([parent.sentinel])
    os.killpg(0, signal.SIGKILL)
