"""What a step of gradient descent does with its gradient: one call each where torch takes ten on the CPU. Ours."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.autograd.graph import increment_version

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.arguments import FLOATS

_OPS = {torch.float32: _cpu.DescentOps32, torch.float64: _cpu.DescentOps64}


def look_over(gradient: Tensor) -> tuple[Tensor | None, Tensor]:
    """What the gradients of K cameras are good for.

    Args:
        gradient: [K, P].

    Returns:
        [K] bool, the cameras whose gradient is not finite, or None where that is known to be so of none; and [K] bool,
        those whose gradient is finite and not zero.
    """
    if not _native(gradient):
        finite = torch.isfinite(gradient).all(1)
        return ~finite, finite & (gradient != 0).any(1)
    cameras, parameters = gradient.shape
    held, told = (gradient.new_empty(cameras, dtype=torch.bool) for _ in range(2))
    addresses = gradient.data_ptr(), held.data_ptr(), told.data_ptr()
    count = _OPS[gradient.dtype].look_over(cameras, parameters, addresses)
    return held if count else None, told


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
    if not _native(parameter, mean, square):
        mean.lerp_(gradient, 1 - first)
        square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        parameter.addcdiv_(mean, (square.sqrt() / root_of_bias).add_(eps), value=-rate)
        return
    gradient = gradient.contiguous()
    addresses = gradient.data_ptr(), parameter.data_ptr(), mean.data_ptr(), square.data_ptr()
    numbers = 1 - first, second, rate, root_of_bias, eps
    _OPS[parameter.dtype].adam_update(parameter.numel(), numbers, addresses, torch.get_num_threads())
    increment_version(parameter)  # for autograd, which knows of torch's own changes only


def _native(*tensors: Tensor) -> bool:
    return all(tensor.is_cpu and tensor.dtype in FLOATS and tensor.is_contiguous() for tensor in tensors)
