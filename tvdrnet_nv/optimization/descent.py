"""Gradient descent: a backward pass an iteration, and a step against the gradient."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor

from tvdrnet_nv.camera import Viewpoint
from tvdrnet_nv.objectives.objective import Objective, checked_losses
from tvdrnet_nv.ops.carried import is_on_host
from tvdrnet_nv.ops.function import differentiable
from tvdrnet_nv.optimization.method import Evaluation
from tvdrnet_nv.optimization.steps.descent import gradient_masks
from tvdrnet_nv.renderer import Renderer


class Stepper(Protocol):
    """Turns gradients into steps."""

    def viewpoint(self) -> Viewpoint:
        """The K cameras, differentiable."""
        ...

    def gradient(self) -> Tensor:
        """[K, P]: the loss's gradient at the parameters."""
        ...

    def freeze(self, cameras: Tensor) -> None:
        """Do not move these cameras, [K] bool, in this step."""
        ...

    def step(self) -> None:
        """Update from the gradients, and clear them."""
        ...

    def parameters_at_limit(self, viewpoint: Any) -> tuple[str, ...]:
        """Which parameters of one camera are as large or small as they may be."""
        ...


# Nobody looks at the sum: it is a number on the CPU, and its gradient, ones, is there already. A device is spared three
# launches.
_sum_unseen = differentiable(
    "SumUnseen",
    lambda _loss, _ones: torch.zeros(()),
    keep=lambda inputs, _: ((inputs[1],), None),
    backward=lambda tensors, *_: (tensors[0], None),
)


class GradientDescent:
    """The method that follows an objective's gradient with a `Stepper`. The cameras are on the CPU, and an
    iteration waits for the device once: for their gradients.

    Args:
        stepper: makes the steps.
        renderer: the scene.
        objective: any.
    """

    ends_by_itself = False
    converged = False
    ending = ""
    candidates = None

    def __init__(self, stepper: Stepper, renderer: Renderer, objective: Objective) -> None:
        self._stepper, self._renderer, self._objective = stepper, renderer, objective
        self._ones: Tensor | None = None

    def iterate(self) -> Evaluation:
        """Evaluate the cameras, and step against the gradient."""
        viewpoint = self._stepper.viewpoint()
        loss = checked_losses(self._objective, self._renderer(viewpoint.camera()))
        # Of their sum. With a gradient of the losses torch imports sympy, for half a second, to compare two shapes.
        torch.autograd.backward(self._total(loss))
        non_finite, has_gradient = gradient_masks(self._stepper.gradient())
        if non_finite is not None:
            self._stepper.freeze(non_finite)
        self._stepper.step()
        return Evaluation(viewpoint.detach(), loss.detach(), has_gradient)

    def _total(self, loss: Tensor) -> Tensor:
        """What has the gradient of the losses' sum; on the CPU it is their sum."""
        if is_on_host(loss):
            return loss if len(loss) == 1 else loss.sum()
        if self._ones is None or self._ones.dtype != loss.dtype:
            self._ones = torch.ones_like(loss, requires_grad=False)
        return _sum_unseen(loss, self._ones)

    def parameters_at_limit(self, viewpoint: Any) -> tuple[str, ...]:
        """Which parameters of one camera are as large or small as they may be."""
        return self._stepper.parameters_at_limit(viewpoint)

    def deviations(self, k: int) -> None:
        """A gradient says nothing about them."""
