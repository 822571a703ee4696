"""Gradient descent: a backward pass an iteration, and a step against the gradient."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.objectives import Objective
from tvdrnet_nv.ops.descent import look_over
from tvdrnet_nv.optimization.method import Look, checked_losses
from tvdrnet_nv.renderer import Renderer


class Mover(Protocol):
    """Turns gradients into steps."""

    def viewpoint(self) -> Viewpoint:
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

    def at_limits(self, viewpoint: Any) -> tuple[str, ...]:
        """Which parameters of one camera are as large or small as they may be."""
        ...


class GradientDescent:
    """The method that follows an objective's gradient with a `Mover`. Nothing in an iteration waits for the device.

    Args:
        mover: makes the steps.
        renderer: the scene.
        objective: any.
    """

    ends_by_itself = False
    converged = False
    ending = ""

    def __init__(self, mover: Mover, renderer: Renderer, objective: Objective) -> None:
        self._mover, self._renderer, self._objective = mover, renderer, objective

    def iterate(self) -> Look:
        """Look, and step against the gradient."""
        viewpoint = self._mover.viewpoint()
        loss = checked_losses(self._objective, self._renderer(viewpoint.camera()))
        torch.autograd.backward(loss, torch.ones_like(loss))  # of their sum
        held, told = look_over(self._mover.gradient())
        if held is not None:
            self._mover.hold(held)
        self._mover.step()
        return Look(viewpoint.detach(), loss.detach(), told)

    def at_limits(self, viewpoint: Any) -> tuple[str, ...]:
        """Which parameters of one camera are as large or small as they may be."""
        return self._mover.at_limits(viewpoint)

    def deviations(self, k: int) -> None:
        """A gradient says nothing about them."""
