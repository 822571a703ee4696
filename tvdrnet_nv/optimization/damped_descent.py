"""Damped Gauss-Newton steps of one camera."""

from __future__ import annotations

import math
from typing import Generic

import torch
from torch import Tensor

from tvdrnet_nv.camera import ViewpointT

_LARGEST_STEP = 0.35  # of any coordinate
_NEGLIGIBLE = 1e-4  # share of the loss: where a refused step promised no more, there is no more to be had
_DAMPING, _LEAST_DAMPING, _MOST_DAMPING = 1e-3, 1e-7, 1e3


class DampedDescent(Generic[ViewpointT]):
    """One camera at one level: the best view so far, its normal equations, and the one that is being tried."""

    def __init__(
        self, view: ViewpointT, parameters: int, tolerance: float, steps: int | None, *, again: bool = False
    ) -> None:
        self.view = view
        self.again = again
        self.loss = math.inf
        self.no_gradient = False
        self.finished = False
        self.tried, self.size = view, 0.0  # and the size of the step to it
        self._parameters = parameters
        self._tolerance, self._left = tolerance, steps
        self._damping = _DAMPING
        self.curvature: Tensor | None = None  # J^T W J
        self._gradient: Tensor | None = None
        self._count = 0  # of residuals
        self._promised = math.inf  # what the step that is tried should take from the loss

    def judge(self, equations: Tensor, count: int) -> bool:
        """Take or refuse the step that was tried, from what it led to. Whether it was taken.

        Args:
            equations: a row of `normal_equations`.
            count: of residuals.
        """
        if self.finished:
            return False
        parameters, step = self._parameters, self.size
        loss = float(equations[0])
        taken = loss < self.loss
        if taken:
            self.view, self.loss = self.tried, loss
            self._count = count
            self._gradient = equations[1 : 1 + parameters]
            self.curvature = equations[1 + parameters :].reshape(parameters, parameters)
            self._damping = max(self._damping / 5, _LEAST_DAMPING)
            self.no_gradient = not bool((self.curvature.diagonal() > 0).any())
            first = step == 0.0
        else:
            self._damping *= 8
            first = False
            self.finished = self._promised < _NEGLIGIBLE * self.loss
        if self._left is not None:
            self._left -= 1
        stuck = self._damping > _MOST_DAMPING or self._left == 0
        self.finished |= self.no_gradient or self.curvature is None or stuck or (not first and step < self._tolerance)
        return taken

    def give_up_above(self, loss: float, steps: int) -> None:
        """Finish if even so many steps like the one that is tried would leave a higher loss than this one."""
        self.finished |= self.loss - steps * self._promised > loss

    def proposed(self) -> Tensor:
        """[P]: the next step to try, limits aside; zeros where there is none."""
        if self.finished or self.curvature is None or self._gradient is None:
            return torch.zeros(self._parameters, dtype=torch.float64)
        diagonal = self.curvature.diagonal()
        # A parameter that the image does not depend on stays where it is.
        damped = self.curvature + torch.diag(self._damping * diagonal + 1e-9 * diagonal.max())
        step = -torch.linalg.solve(damped, self._gradient)
        step = step * min(1.0, _LARGEST_STEP / max(float(step.abs().max()), 1e-30))
        self._promised = -float(2 * self._gradient @ step + step @ self.curvature @ step) / self._count
        return step
