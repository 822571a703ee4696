"""Adam on the camera's parameters: for any objective."""

from __future__ import annotations

import math
from typing import Generic

import torch
from torch import Tensor

from tvdrnet_nv.camera import ViewpointT
from tvdrnet_nv.optimization.adam import Adam
from tvdrnet_nv.optimization.coordinates import Coordinates, parameters_at_limit

LEARNING_RATE = 1.0
_FINAL_RATE = 0.02  # of the first


class AdamStepper(Generic[ViewpointT]):
    """Adam (Kingma and Ba 2015) on steps in local `Coordinates`; the rate falls as a cosine.

    The gradient is taken at a step of zero from where the cameras are, and each step leads to where the next begins.
    """

    def __init__(
        self,
        start: ViewpointT,
        coordinates: Coordinates[ViewpointT],
        learning_rate: float | None,
        iterations: int,
    ) -> None:
        self._coordinates, self._viewpoint = coordinates, start
        self._rate = LEARNING_RATE if learning_rate is None else learning_rate
        self._iterations = iterations
        self._iteration = 0
        self._move = coordinates.rates.new_zeros(len(start), len(coordinates.rates)).requires_grad_()
        self._optimizer = Adam([([self._move], self._rate)], betas=(0.8, 0.95))

    def viewpoint(self) -> ViewpointT:
        """The K cameras, differentiable."""
        return self._coordinates.retract(self._viewpoint, self._coordinates.rates * self._move)

    def gradient(self) -> Tensor:
        """[K, P]: the loss's gradient."""
        return torch.zeros_like(self._move) if self._move.grad is None else self._move.grad

    def freeze(self, cameras: Tensor) -> None:
        """Leave these cameras, [K] bool, where they are in this step."""
        if self._move.grad is not None:
            self._move.grad.masked_fill_(cameras[:, None], 0)

    def parameters_at_limit(self, viewpoint: ViewpointT) -> tuple[str, ...]:
        """Which parameters of one camera are as large or small as they may be."""
        return parameters_at_limit(self._coordinates, viewpoint)

    def step(self) -> None:
        """Update from the gradients, and clear them."""
        self._iteration += 1
        progress = self._iteration / self._iterations
        self._optimizer.rates[0] = self._rate * (
            _FINAL_RATE + (1 - _FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * progress))
        )
        self._optimizer.step()
        with torch.no_grad():
            step = self._coordinates.limited(self._viewpoint, self._coordinates.rates * self._move)
            self._viewpoint = self._coordinates.retract(self._viewpoint, step)
            self._move.zero_()
