"""What an optimisation returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic

import numpy as np

from tvdrnet_nv.camera import ViewpointT
from tvdrnet_nv.optimization.fit import Fit


class Status(StrEnum):
    """How an optimisation ended; not converging is an answer, not an error."""

    CONVERGED = "converged"  # the loss no longer changes
    STOPPED = "stopped"  # at the iteration limit, or by the caller
    DRIFTED = "drifted"  # the camera no longer sees the scene
    AMBIGUOUS = "ambiguous"  # a clearly different camera fits as well
    POOR_FIT = "poor-fit"  # the camera does not explain the picture
    NO_GRADIENT = "no-gradient"  # the loss has no gradient


@dataclass(frozen=True)
class Levels:
    """What each of I iterations was to a method that compares images at several sizes, for each of K starts.

    Attributes:
        pixels: [I], numpy int64: along the shorter side of the images that were compared.
        accepted: [I, K], numpy bool: whether the method went on from this camera. A step that was refused is False, and
            so is a camera that stays where it is.
    """

    pixels: np.ndarray
    accepted: np.ndarray


@dataclass(frozen=True)
class History(Generic[ViewpointT]):
    """Every camera that was rendered, over I iterations and K starts.

    Attributes:
        loss: [I, K], numpy float32.
        viewpoints: the I·K cameras, float32 on the CPU: start k at iteration i in row i·K + k. An orbit's azimuth is in
            [0, 360).
        levels: of a method that compares images at several sizes, such as "lm"; else None.
    """

    loss: np.ndarray
    viewpoints: ViewpointT
    levels: Levels | None = None

    def __len__(self) -> int:
        return self.loss.shape[0]

    def viewpoint(self, iteration: int, start: int = 0) -> ViewpointT:
        """The camera of one start at one iteration (from 0, or from -1 backwards)."""
        return self.viewpoints[iteration % len(self) * self.loss.shape[1] + start]

    def at_iteration(self, iteration: int) -> ViewpointT:
        """The K cameras of one iteration (from 0)."""
        starts = self.loss.shape[1]
        return self.viewpoints[iteration * starts : (iteration + 1) * starts]

    def of_start(self, start: int) -> ViewpointT:
        """The I cameras of one start, in their order."""
        return self.viewpoints[start :: self.loss.shape[1]]

    def array(self, name: str) -> np.ndarray:
        """[I, K, ...], float32: one field of the cameras, such as an orbit's "distance" or a camera's "R"."""
        values = getattr(self.viewpoints, name)
        return values.reshape(*self.loss.shape, *values.shape[1:]).numpy()


@dataclass(frozen=True)
class Progress(Generic[ViewpointT]):
    """Where a running optimisation stands, after `iteration` of `iterations` (from 1).

    Attributes:
        loss: of the start that leads, at this iteration.
        best_loss: the lowest seen so far.
        viewpoint: the leading start's camera.
        seconds: since the loop began.
    """

    iteration: int
    iterations: int
    loss: float
    best_loss: float
    viewpoint: ViewpointT
    seconds: float


@dataclass(frozen=True)
class Result(Generic[ViewpointT]):
    """The best camera seen, and how it was found.

    Attributes:
        best: the camera with the lowest loss of all that were rendered; one, an `Orbit` or a `Camera` as the start was.
        initial: the start that led to it; one.
        loss, initial_loss: of `best` and of `initial`.
        status, reason: how the run ended, and one sentence on why.
        best_iteration: when `best` was rendered, from 0. best_start: which start led to it.
        iterations: how many were done.
        seconds: the loop's wall time.
        history: every camera and its loss.
        deviations: standard deviation of each parameter of `best` in its unit, from how much blocks of the image
            disagree (`tvdrnet_nv.optimization.covariance`; docs/finding.md says how well they hold); None where the
            method gives none, or the images do not determine the parameters. They say nothing of another minimum.
        candidates: the best viewpoints that a search looked at before the first step, at most 8, the best first; None
            where there was no search.
    """

    best: ViewpointT
    initial: ViewpointT
    loss: float
    initial_loss: float
    status: Status
    reason: str
    best_iteration: int
    best_start: int
    iterations: int
    seconds: float
    seed: int
    method: str
    parameters: tuple[str, ...]
    history: History[ViewpointT]
    deviations: dict[str, float | list[float]] | None = None
    candidates: ViewpointT | None = None
    fit: Fit | None = None

    @property
    def quality(self) -> float | None:
        """In [0, 1]: a judgement of whether `best` is the camera of the picture; None without a picture. See `Fit`."""
        return None if self.fit is None else self.fit.quality
