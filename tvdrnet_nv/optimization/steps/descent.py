"""What a step of gradient descent does with its gradient: one call each where torch takes ten."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import increment_version

from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.ops.function import addresses

_CPU = {torch.float32: "DescentOps32", torch.float64: "DescentOps64"}


def gradient_masks(gradient: Tensor) -> tuple[Tensor | None, Tensor]:
    """Which of K cameras have a gradient.

    Args:
        gradient: [K, P].

    Returns:
        non_finite [K] bool, the cameras whose gradient is not finite, or None where that is known to be so of none; and
        has_gradient [K] bool, those whose gradient is finite and not zero.
    """
    kernels = _kernels(gradient)
    if kernels is None:
        finite = torch.isfinite(gradient).all(1)
        return ~finite, finite & (gradient != 0).any(1)
    cameras, parameters = gradient.shape
    non_finite, has_gradient = (gradient.new_empty(cameras, dtype=torch.bool) for _ in range(2))
    count = kernels.gradient_masks(cameras, parameters, addresses((gradient, non_finite, has_gradient)))
    return non_finite if count else None, has_gradient


def adam_update(
    parameter: Tensor,
    mean: Tensor,
    square: Tensor,
    gradient: Tensor,
    *,
    steps: int,
    rate: float,
    betas: tuple[float, float],
    eps: float,
) -> None:
    """A step of Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015), in place.

    Args:
        parameter: of any shape.
        mean: of its shape, the running mean of the gradient.
        square: of its shape, the running mean of the gradient's square.
        gradient: of its shape.
        steps: how many there were, this one included.
        rate: the learning rate.
        betas: decay of the running means.
        eps: added to the root of the latter.
    """
    first, second = betas
    rate, root_of_bias = rate / (1 - first**steps), (1 - second**steps) ** 0.5
    kernels = _kernels(parameter, mean, square)
    if kernels is None:
        mean.lerp_(gradient, 1 - first)
        square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        parameter.addcdiv_(mean, (square.sqrt() / root_of_bias).add_(eps), value=-rate)
        return
    gradient = gradient.contiguous()
    numbers = 1 - first, second, rate, root_of_bias, eps
    tensors = addresses((gradient, parameter, mean, square))
    kernels.adam_update(parameter.numel(), numbers, tensors, torch.get_num_threads())
    increment_version(parameter)  # for autograd, which knows of torch's own changes only


def _kernels(first: Tensor, *others: Tensor) -> Any:
    """The kernels that take these tensors, or None: they are for torch."""
    kernels = backend_of(first).kernels
    if kernels is None or first.dtype not in _CPU or not all(t.is_contiguous() for t in (first, *others)):
        return None
    return getattr(kernels, _CPU[first.dtype])
