"""What gives jobs to workers: processes, Ray or Slurm, behind one protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tvdrnet_nv.batch.queue import Chunk
from tvdrnet_nv.batch.worker import Task


@dataclass(frozen=True)
class Ended:
    """A job has ended."""

    chunk: Chunk
    row: dict[str, Any]


@dataclass(frozen=True)
class Left:
    """A chunk has ended; each of its jobs was reported before."""

    chunk: Chunk


@dataclass(frozen=True)
class Broken:
    """What did a chunk has ended, but not all of its jobs.

    Attributes:
        chunk: the chunk.
        reason: in one line.
        exact: whether the first job that was not reported is the one that was at work.
        attempts: how often that one was tried since it was submitted.
    """

    chunk: Chunk
    reason: str
    exact: bool
    attempts: int = 1


Event = Ended | Left | Broken


class Executor(Protocol):
    """Workers."""

    def idle(self) -> Sequence[int | None]:
        """One item for each chunk that it takes now: the scene that its worker has read last, if that is known."""
        ...

    def chunk(self, jobs: int, left: int) -> int:
        """How many jobs the next chunk is to have, of so many jobs in all and so many that were not given out yet."""
        ...

    def submit(self, chunk: Chunk, task: Task) -> None:
        """Do a chunk, where its scene was read last if possible."""
        ...

    def wait(self, seconds: float) -> list[Event]:
        """What has happened, at the latest after so many seconds."""
        ...

    def close(self) -> None:
        """End all workers at once."""
        ...
