"""Every camera of a run and its loss, read back from the device some iterations at a time."""

from __future__ import annotations

import math
import time
from typing import Generic

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import ViewpointT
from tvdrnet_nv.ops.carried import is_on_host
from tvdrnet_nv.optimization.method import Evaluation, Level
from tvdrnet_nv.optimization.result import History, Levels, Progress

_READ_SECONDS = 0.1  # at the latest: slow iterations are reported, and may be interrupted, one by one


class Record(Generic[ViewpointT]):
    """Every camera and its loss, which is on the device until it is read back, some iterations at a time.

    What is read back ends with the iteration in which the run has ended. An iteration is a row of numbers: the cameras'
    fields one after the other, each of all K cameras, then K losses, then whether each has a gradient.
    """

    def __init__(self, start: ViewpointT, every: int) -> None:
        self._start, self._every = start.to("cpu"), every
        self._cameras, self._names = len(start), tuple(start.present)
        self._unread: list[tuple[list[Tensor], Tensor, Tensor]] = []  # cameras' fields, losses, which have a gradient
        self._rows: list[list[float]] = []
        self._levels: list[Level] = []  # of a method that has them: one for each row, and for each that is unread
        self._best = math.inf
        self._read_at = time.perf_counter()
        self.ending = ""

    def __len__(self) -> int:
        return len(self._rows) + len(self._unread)

    def add(self, evaluation: Evaluation) -> None:
        if evaluation.level is not None:
            self._levels.append(evaluation.level)
        fields = [getattr(evaluation.viewpoint, name).reshape(-1) for name in self._names]
        self._unread.append((fields, evaluation.loss, evaluation.has_gradient))

    @property
    def is_behind(self) -> bool:
        """Whether there is something to read back."""
        return bool(self._unread)

    @property
    def is_due(self) -> bool:
        """Whether it is time to read back."""
        return len(self._unread) >= self._every or time.perf_counter() - self._read_at > _READ_SECONDS

    def read_back(self) -> None:
        """Wait for the device, and see whether the run has ended, and when."""
        for row in _numbers(self._unread):
            if not all(map(math.isfinite, row[: -2 * self._cameras])):
                self.ending = "a parameter is no longer finite; lower the learning rate"
                break
            self._rows.append(row)
            if self.no_gradient:
                self.ending = "the loss has no gradient"
                break
        self._unread.clear()
        self._read_at = time.perf_counter()

    def cut(self, count: int) -> None:
        """Forget all but the first iterations."""
        del self._rows[count:]

    @property
    def no_gradient(self) -> bool:
        """Whether the loss of no camera has a gradient, in the last iteration that was read back."""
        return not any(self._rows[-1][-self._cameras :])

    def progress(self, iteration: int, iterations: int, seconds: float) -> Progress[ViewpointT]:
        losses, viewpoints = self._parts(self._rows[iteration - 1 : iteration])
        losses = np.nan_to_num(losses[0], nan=np.inf)
        leader = int(losses.argmin())
        self._best = min(self._best, float(losses[leader]))
        return Progress(iteration, iterations, float(losses[leader]), self._best, viewpoints[leader], seconds)

    def best(self) -> tuple[int, int]:
        """Iteration and start of the lowest loss; the first camera where no loss is a number."""
        losses = np.nan_to_num(self._parts(self._rows)[0], nan=np.inf)
        iteration, start = np.unravel_index(int(losses.argmin()), losses.shape)
        return int(iteration), int(start)

    def history(self) -> History[ViewpointT]:
        losses, viewpoints = self._parts(self._rows)
        return History(losses, viewpoints.wrapped(), self._all_levels())

    def _all_levels(self) -> Levels | None:
        levels = self._levels[: len(self._rows)]
        if not levels:
            return None
        return Levels(
            np.array([level.pixels for level in levels]),
            torch.stack([level.accepted for level in levels]).numpy(),
        )

    def _parts(self, rows: list[list[float]]) -> tuple[np.ndarray, ViewpointT]:
        """The losses, [I, K], and the I·K cameras of so many iterations."""
        numbers = torch.tensor(rows, dtype=torch.float32)
        shapes = [getattr(self._start, name).shape[1:] for name in self._names]
        widths = [self._cameras * shape.numel() for shape in shapes]
        *fields, losses, _ = numbers.split([*widths, self._cameras, self._cameras], 1)
        parts = zip(self._names, fields, shapes, strict=True)
        return losses.numpy(), self._start.replace(**{name: field.reshape(-1, *shape) for name, field, shape in parts})


def _numbers(unread: list[tuple[list[Tensor], Tensor, Tensor]]) -> list[list[float]]:
    """Rows, of their parts; the losses come from their device in one copy."""
    losses = [losses for _, losses, _ in unread]
    read = losses if is_on_host(losses[0]) else torch.stack(losses).cpu().unbind()
    pairs = zip(unread, read, strict=True)
    rows = [[*fields, of_cameras, has_gradient] for (fields, _, has_gradient), of_cameras in pairs]
    return [[number for part in row for number in part.tolist()] for row in rows]
