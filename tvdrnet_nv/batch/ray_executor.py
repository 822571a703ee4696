"""Workers that Ray starts, wherever its cluster has room for them.

A chunk of jobs is one Ray task. Ray chooses the node, starts the process, and runs the task again when a process or a
node is lost (`max_retries`); the jobs of it that are done are found in the batch's folder, which all nodes must see.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tvdrnet_nv.batch.executor import Broken, Ended, Event, Left
from tvdrnet_nv.batch.packages import needed
from tvdrnet_nv.batch.queue import Chunk, chunk_size
from tvdrnet_nv.batch.worker import Task, run_alone
from tvdrnet_nv.errors import InputError

_LARGEST = 64  # jobs of a chunk
_AHEAD = 2  # chunks that are submitted for each that runs, so that no worker waits for the driver


class RayExecutor:
    """Ray tasks.

    Args:
        address: "auto" for the cluster of this machine, or an address.
        cpus: processors that a chunk takes.
        gpus: likewise, also parts of one.
        retries: how often Ray runs a chunk again when its process or its node is lost.
        workers: chunks at once at most; None for as many as the cluster has room for.

    Raises:
        InputError: Ray is not installed, or no cluster answers.
    """

    def __init__(self, address: str, *, cpus: float, gpus: float, retries: int, workers: int | None) -> None:
        self._ray: Any = needed("ray", "Ray", "ray", "--ray")
        _check_answers(address)
        try:
            self._ray.init(address=address, log_to_driver=False, logging_level="ERROR")
        except (ConnectionError, OSError, ValueError, RuntimeError) as error:
            text = " ".join(str(error).split())
            raise InputError(
                f"--ray {address}: no cluster answers ({text}); start one with `ray start --head`"
            ) from None
        self._cpus, self._gpus, self._workers, self._retries = cpus, gpus, workers, retries
        self._do = self._ray.remote(run_alone).options(num_cpus=cpus, num_gpus=gpus, max_retries=retries)
        self._running: dict[Any, Chunk] = {}

    @property
    def room(self) -> int:
        """How many chunks the cluster can do at once."""
        there = self._ray.cluster_resources()
        shares = [there.get(name, 0) / share for name, share in (("CPU", self._cpus), ("GPU", self._gpus)) if share]
        room = max(1, int(min(shares, default=1)))
        return room if self._workers is None else min(room, self._workers)

    def idle(self) -> Sequence[int | None]:
        """See `Executor`."""
        ahead = 1 if self._workers is not None else _AHEAD
        return [None] * (ahead * self.room - len(self._running))

    def chunk(self, jobs: int, left: int) -> int:
        """See `Executor`: a scene is read once for each, so that they are large as long as many jobs are left."""
        return chunk_size(4 * left, self.room, _LARGEST)

    def submit(self, chunk: Chunk, task: Task) -> None:
        """See `Executor`."""
        self._running[self._do.remote(task)] = chunk

    def wait(self, seconds: float) -> list[Event]:
        """See `Executor`."""
        if not self._running:
            return []
        ready, _ = self._ray.wait(list(self._running), num_returns=1, timeout=seconds)
        events: list[Event] = []
        for reference in ready:
            chunk = self._running.pop(reference)
            try:
                rows = self._ray.get(reference)
            except self._ray.exceptions.RayError as error:
                # Ray has tried it as often as it was told.
                text = " ".join(str(error).split("\n")[0].split())
                reason = f"its process or its node was lost: {type(error).__name__}: {text}"
                events.append(Broken(chunk, reason, exact=False, attempts=self._retries + 1))
                continue
            events += [*(Ended(chunk, row) for row in rows), Left(chunk)]
        return events

    def close(self) -> None:
        """See `Executor`."""
        for reference in self._running:
            self._ray.cancel(reference, force=True)
        self._ray.shutdown()


def _check_answers(address: str) -> None:
    """Refuse an address where nothing listens; Ray would wait for it for many minutes."""
    found = os.environ.get("RAY_ADDRESS", "") if address == "auto" else address
    current = Path(os.environ.get("RAY_TMPDIR", "/tmp")) / "ray" / "ray_current_cluster"  # what `ray start` writes
    if not found and current.exists():
        found = current.read_text(encoding="utf-8").strip()
    host, colon, port = found.rpartition("://")[2].rpartition(":")
    try:
        if not colon:
            raise OSError("no cluster was started here" if address == "auto" else "wanted HOST:PORT")
        with socket.create_connection((host, int(port)), timeout=5):
            return
    except (OSError, ValueError) as error:
        text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"--ray {address}: no cluster answers ({text}); start one with `ray start --head`") from None
