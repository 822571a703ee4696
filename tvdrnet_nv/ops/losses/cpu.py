"""The losses on the CPU, in one pass over the images for each direction."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.function import Saved, differentiable
from tvdrnet_nv.ops.memory import empty


def view_heuristic_loss(image: Tensor) -> Tensor:
    """[B]."""
    return _heuristic(image)[0]


def mean_squared_error(image: Tensor, target: Tensor, clip: bool) -> Tensor:
    """[B], to a target [H, W, 3]."""
    return _squared_error(image, target, clip)


def _statistics_forward(image: Tensor) -> Tensor:
    out = image.new_empty((image.shape[0], 3))
    _cpu.image_statistics(image.detach(), out, torch.get_num_threads())
    return out


def _statistics_backward(
    tensors: tuple[Tensor, ...], _rest: None, _needs: object, grad_out: Tensor
) -> tuple[Tensor | None, ...]:
    image, statistics = tensors
    grad = empty(image, *image.shape)
    threads = torch.get_num_threads()
    _cpu.image_statistics_backward(image.detach(), statistics.detach(), grad_out.contiguous(), grad, threads)
    return (grad,)


def _statistics_jvp(tensors: tuple[Tensor, ...], _rest: None, tangent: Tensor) -> Tensor:
    """How the statistics, [B, 3], change along the image's tangent."""
    image, statistics = tensors
    mean, deviation = statistics[:, :1], statistics[:, 1]
    colors, change = image[..., :3].flatten(1), tangent[..., :3].flatten(1)
    spread = ((colors - mean) * change).sum(1) / (colors.shape[1] - 1)
    d_deviation = torch.where(deviation > 0, spread / deviation, torch.zeros_like(spread))
    return torch.stack([change.mean(1), d_deviation, tangent[..., 3].flatten(1).mean(1)], dim=1)


image_statistics = differentiable(
    "ImageStatistics",
    _statistics_forward,
    keep=lambda inputs, output: ((inputs[0], output), None),
    backward=_statistics_backward,
    jvp=_statistics_jvp,
)


def _heuristic_forward(image: Tensor) -> tuple[Tensor, Tensor]:
    """The second result is the statistics that the gradient needs."""
    loss, statistics = image.new_empty(image.shape[0]), image.new_empty((image.shape[0], 3))
    _cpu.view_heuristic(image.detach(), statistics, loss, torch.get_num_threads())
    return loss, statistics


def _keep_statistics(inputs: tuple[Any, ...], outputs: tuple[Tensor, Tensor]) -> Saved:
    return (inputs[0], outputs[1]), None


def _heuristic_backward(
    tensors: tuple[Tensor, ...], _rest: None, _needs: object, grad_out: Tensor
) -> tuple[Tensor | None, ...]:
    image, statistics = tensors
    grad = empty(image, *image.shape)
    _cpu.view_heuristic_backward(image.detach(), statistics, grad_out.contiguous(), grad, torch.get_num_threads())
    return (grad,)


def _heuristic_jvp(tensors: tuple[Tensor, ...], rest: None, tangent: Tensor) -> tuple[Tensor]:
    mean, deviation, coverage = _statistics_jvp(tensors, rest, tangent).unbind(1)
    return ((tensors[1][:, 0] - 0.5).sign() * mean - 0.1 * deviation - 0.5 * coverage,)


_heuristic = differentiable(
    "ViewHeuristic",
    _heuristic_forward,
    keep=_keep_statistics,
    backward=_heuristic_backward,
    jvp=_heuristic_jvp,
    saved_outputs=1,
)


def _squared_error_forward(image: Tensor, target: Tensor, clip: bool) -> Tensor:
    out = image.new_empty(image.shape[0])
    _cpu.squared_error(image.detach(), target, clip, out, torch.get_num_threads())
    return out


def _squared_error_backward(
    tensors: tuple[Tensor, ...], clip: bool, _needs: object, grad_out: Tensor
) -> tuple[Tensor | None, ...]:
    image, target = tensors
    grad = empty(image, *image.shape)
    threads = torch.get_num_threads()
    _cpu.squared_error_backward(image.detach(), target, clip, grad_out.contiguous(), grad, threads)
    return grad, None, None


def _squared_error_jvp(tensors: tuple[Tensor, ...], clip: bool, tangent: Tensor, _target: None, _clip: None) -> Tensor:
    image, target = tensors
    colors, change = image[..., :3], tangent[..., :3]
    if clip:
        change = change * ((colors >= 0) & (colors <= 1))
    return 2 * ((colors - target) * change).mean(dim=(1, 2, 3))


_squared_error = differentiable(
    "SquaredError",
    _squared_error_forward,
    keep=lambda inputs, _: (inputs[:2], inputs[2]),
    backward=_squared_error_backward,
    jvp=_squared_error_jvp,
)
