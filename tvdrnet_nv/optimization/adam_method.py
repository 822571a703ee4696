"""Adam on the camera's parameters: for any objective."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.optimization.adam import Adam
from tvdrnet_nv.optimization.coordinates import Coordinates
from tvdrnet_nv.optimization.parameters import column

LEARNING_RATE = 1.0
# What a learning rate of 1 moves a coordinate by in a step; lengths are shares of the distance, or of the radius.
_HALF_DEGREE = math.radians(0.5)
_STEPS = {"distance": 0.01, "elevation": _HALF_DEGREE, "azimuth": _HALF_DEGREE, "fov": 0.01, "at": 0.01}
_FINAL_RATE = 0.02  # of the first


class AdamMover:
    """Adam (Kingma and Ba 2015) on the scaled coordinates of `Coordinates`; the rate falls as a cosine."""

    def __init__(
        self, start: Orbit, names: tuple[str, ...], radius: float, learning_rate: float | None, iterations: int
    ) -> None:
        self._coordinates = Coordinates(start, names, radius)
        self._rate = LEARNING_RATE if learning_rate is None else learning_rate
        self._iterations = iterations
        self._iteration = 0
        self._origin = self._coordinates.of(start).detach()
        self._unit = column(names, _STEPS, self._origin)
        self._moved = torch.zeros_like(self._origin).requires_grad_()
        self._optimizer = Adam([([self._moved], self._rate)], betas=(0.8, 0.95))

    def orbit(self) -> Orbit:
        """The K cameras, differentiable."""
        return self._coordinates.orbit(self._origin + self._unit * self._moved)

    def gradient(self) -> Tensor:
        """[K, P]: the loss's gradient."""
        return torch.zeros_like(self._moved) if self._moved.grad is None else self._moved.grad

    def hold(self, cameras: Tensor) -> None:
        """Do not move these cameras, [K] bool, in this step."""
        if self._moved.grad is not None:
            self._moved.grad.masked_fill_(cameras[:, None], 0)

    def step(self) -> None:
        """Update from the gradients, and clear them."""
        self._iteration += 1
        progress = self._iteration / self._iterations
        self._optimizer.rates[0] = self._rate * (
            _FINAL_RATE + (1 - _FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * progress))
        )
        self._optimizer.step()
        with torch.no_grad():
            moved = self._coordinates.clamped(self._origin + self._unit * self._moved)
            self._moved.copy_((moved - self._origin) / self._unit)
