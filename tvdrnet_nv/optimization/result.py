"""What an optimisation returns."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tvdrnet_nv.camera import Orbit


class Status(StrEnum):
    """How an optimisation ended; not converging is an answer, not an error."""

    CONVERGED = "converged"  # the loss no longer changes
    STOPPED = "stopped"  # at the iteration limit, or by the caller
    DRIFTED = "drifted"  # the camera no longer sees the scene
    AMBIGUOUS = "ambiguous"  # several starts ended at different cameras with equal losses
    NO_GRADIENT = "no-gradient"  # nothing told the camera where to go


@dataclass(frozen=True)
class History:
    """Every camera that was rendered: numpy float32 arrays over I iterations and K starts.

    Attributes:
        loss: [I, K].
        distance, elevation, azimuth, fov: [I, K], scene units and degrees.
        at: [I, K, 3], world frame.
        up: the orbit's pole, "y" or "z".
    """

    loss: np.ndarray
    distance: np.ndarray
    elevation: np.ndarray
    azimuth: np.ndarray
    fov: np.ndarray
    at: np.ndarray
    up: str

    def __len__(self) -> int:
        return self.loss.shape[0]

    def orbit(self, iteration: int, start: int = 0) -> Orbit:
        """The camera of one start at one iteration (from 0)."""
        i, k = iteration, start
        return Orbit.create(
            float(self.distance[i, k]),
            float(self.elevation[i, k]),
            float(self.azimuth[i, k]),
            float(self.fov[i, k]),
            tuple(float(x) for x in self.at[i, k]),
            up="z" if self.up == "z" else "y",
        )


@dataclass(frozen=True)
class Progress:
    """Where a running optimisation stands, after `iteration` of `iterations` (from 1).

    Attributes:
        loss: of the start that leads, at this iteration.
        best_loss: the lowest seen so far.
        orbit: the leading start's camera.
        seconds: since the loop began.
    """

    iteration: int
    iterations: int
    loss: float
    best_loss: float
    orbit: Orbit
    seconds: float


@dataclass(frozen=True)
class Result:
    """The best camera seen, and how it was found.

    Attributes:
        best: the camera with the lowest loss of all that were rendered; one orbit.
        initial: the start that led to it; one orbit.
        loss, initial_loss: of `best` and of `initial`.
        status, reason: how the run ended, and one sentence on why.
        best_iteration: when `best` was rendered, from 0. best_start: which start led to it.
        iterations: how many were done.
        seconds: the loop's wall time.
        history: every camera and its loss.
        near, far: the clip planes used, scene units.
        deviations: standard deviation of each parameter of `best` in its unit, from the residuals and J^T J; None where
            the method gives none, or the images do not determine the parameters.
    """

    best: Orbit
    initial: Orbit
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
    near: float
    far: float
    history: History
    deviations: dict[str, float | list[float]] | None = None
