"""Gradient descent: a backward pass an iteration, and a step against the gradient."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.objectives import Objective
from tvdrnet_nv.optimization.method import Look, checked_losses
from tvdrnet_nv.optimization.parameters import pack
from tvdrnet_nv.renderer import Renderer


class Mover(Protocol):
    """Turns gradients into steps."""

    def orbit(self) -> Orbit:
        """The K cameras, differentiable."""
        ...

    def gradient(self) -> Tensor:
        """[K, P]: the loss's gradient at the parameters."""
        ...

    def hold(self, cameras: Tensor) -> None:
        """Do not move these cameras, [K] bool, in this step."""
        ...

    def step(self) -> None:
        """Update from the gradients, and clear them."""
        ...


class GradientDescent:
    """The method that follows an objective's gradient with a `Mover`.

    Args:
        mover: makes the steps.
        names: the parameters that move.
        renderer: the scene.
        objective: any.
        near, far: clip planes, scene units.
    """

    ends_by_itself = False

    def __init__(
        self, mover: Mover, names: tuple[str, ...], renderer: Renderer, objective: Objective, near: float, far: float
    ) -> None:
        self.lost = False
        self.converged = False
        self.ending = ""
        self._mover, self._names, self._renderer, self._objective = mover, names, renderer, objective
        self._planes = near, far

    def iterate(self) -> Look | None:
        """Look, and step against the gradient; None when a parameter is no longer finite."""
        orbit = self._mover.orbit()
        if not bool(torch.isfinite(pack(orbit.detach(), self._names)).all()):
            self.ending = "a parameter is no longer finite; lower the learning rate"
            return None
        render = self._renderer(orbit.camera(*self._planes))
        loss = checked_losses(self._objective, render)
        loss.sum().backward()
        flat = self._mover.gradient()
        without = ~torch.isfinite(flat).all(1)
        self._mover.hold(without)
        self.lost = not bool((flat.masked_fill(without[:, None], 0) != 0).any())
        if not self.lost:
            self._mover.step()
        return Look(orbit.detach(), loss.detach(), render)

    def tied(self, k: int) -> bool:
        """Not looked at: each start ends wherever the limit of iterations finds it."""
        return False

    def deviations(self, k: int) -> None:
        """A gradient says nothing about them."""
