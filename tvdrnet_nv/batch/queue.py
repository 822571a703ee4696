"""Which jobs are done next: those of one scene together, so that a worker reads the scene once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Chunk:
    """Jobs of one scene that a worker does one after the other. A chunk equals itself only: a job that is tried again
    is in another one.

    Attributes:
        numbers: of the jobs.
        scene: the scene's number.
    """

    numbers: tuple[int, ...]
    scene: int


class JobQueue:
    """The jobs that are to be done.

    A worker goes on with its scene. Where that has no more jobs, it gets a scene on which nobody has been, or helps
    with the one of which most jobs are left. Jobs that are tried again come when all others were given out.

    Args:
        numbers: int64 [M], the jobs that are to be done, in order.
        scenes: int64 [N], the scene of each job of the batch.
        size: how many jobs the next chunk has at most, by how many were not given out yet.
    """

    def __init__(self, numbers: np.ndarray, scenes: np.ndarray, size: Callable[[int], int]) -> None:
        self._scenes, self._size, self._count = scenes, size, len(numbers)
        order = np.argsort(scenes[numbers], kind="stable")
        ordered = numbers[order]
        of = scenes[ordered]
        starts = np.flatnonzero(np.diff(of, prepend=-1))
        parts = np.split(ordered, starts[1:]) if len(ordered) else []
        # Scenes in the order in which they first appear among the jobs.
        parts.sort(key=lambda part: int(part[0]))
        self._left: dict[int, deque[int]] = {int(scenes[part[0]]): deque(part.tolist()) for part in parts}
        self._fresh = deque(self._left)
        self._late: deque[Chunk] = deque()

    def __bool__(self) -> bool:
        return bool(self._left or self._late)

    def take(self, scene: int | None = None) -> Chunk:
        """The next chunk for a worker that has read a scene."""
        if not self._left:
            return self._late.popleft()
        if scene not in self._left:
            scene = self._next_scene()
        assert scene is not None  # one is left
        queue = self._left[scene]
        numbers = tuple(queue.popleft() for _ in range(min(self._size(self._count), len(queue))))
        self._count -= len(numbers)
        if not queue:
            del self._left[scene]
        return Chunk(numbers, scene)

    def again(self, numbers: Iterable[int], *, alone: bool) -> None:
        """Take jobs back, in one chunk or each alone."""
        given = tuple(numbers)
        for part in [(number,) for number in given] if alone else [given]:
            if part:
                self._late.append(Chunk(part, int(self._scenes[part[0]])))

    def _next_scene(self) -> int:
        while self._fresh:
            scene = self._fresh.popleft()
            if scene in self._left:
                return scene
        return max(self._left, key=lambda scene: len(self._left[scene]))


def chunk_size(jobs: int, workers: int, largest: int) -> int:
    """Jobs in a chunk: few enough that all workers end at about the same time.

    With the jobs that are left, chunks become smaller towards the end: guided self-scheduling (Polychronopoulos and
    Kuck, 1987).
    """
    return max(1, min(largest, jobs // (8 * workers)))
