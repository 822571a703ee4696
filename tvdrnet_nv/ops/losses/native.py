"""The losses by our CUDA kernels. Forward mode is torch's, from the gradients."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.ops.function import Saved, differentiable, native
from tvdrnet_nv.ops.native import check_float32, launch
from tvdrnet_nv.ops.native.jobs import Image, SquaredErrorJob, StatisticsJob, pointer

_ROW_NUMBERS = 32  # sums of values and of squares, in 16 lanes


def image_statistics(image: Tensor) -> Tensor:
    """[B, 3]."""
    check_float32("image", image)
    return _statistics(image)


def view_heuristic_loss(image: Tensor) -> Tensor:
    """[B]."""
    check_float32("image", image)
    return _heuristic(image)[0]


def mean_squared_error(image: Tensor, target: Tensor, clip: bool) -> Tensor:
    """[B], to a target [H, W, 3]."""
    check_float32("image", image)
    return _squared_error(image, target, clip)


def _summed(image: Tensor, loss: Tensor | None) -> Tensor:
    """The statistics [B, 3]; fills the heuristic's loss [B] if there is one."""
    batch, height, width, _ = image.shape
    statistics = image.new_empty((batch, 3))
    rows = image.new_empty((batch, height, _ROW_NUMBERS), dtype=torch.float64)
    job = StatisticsJob(
        image=Image(batch, height, width),
        rgba=pointer(image),
        rows=pointer(rows),
        statistics=pointer(statistics),
        loss=pointer(loss),
    )
    launch(["statistics_rows", "statistics_totals"], job, image)
    return statistics


def _statistics_gradient(image: Tensor, statistics: Tensor, grad_out: Tensor, loss: Tensor | None) -> Tensor:
    """Of the image, from that of the statistics [B, 3], or with a `loss`, of any value, of the heuristic [B]."""
    grad = torch.empty_like(image)
    job = StatisticsJob(
        image=Image(*image.shape[:3]),
        rgba=pointer(image),
        statistics=pointer(statistics),
        loss=pointer(loss),
        grad_out=pointer(grad_out),
        grad=pointer(grad),
    )
    launch(["statistics_grad"], job, image)
    return grad


def _statistics_forward(image: Tensor) -> Tensor:
    return _summed(image.detach(), None)


def _statistics_backward(
    tensors: tuple[Tensor, ...], _rest: None, _needs: object, grad_out: Tensor
) -> tuple[Tensor | None, ...]:
    image, statistics = (x.detach() for x in tensors)
    return (_statistics_gradient(image, statistics, grad_out.contiguous(), None),)


def _statistics_jvp(tensors: tuple[Tensor, ...], _rest: None, tangent: Tensor) -> Tensor:
    image, statistics = (x.detach() for x in tensors)
    columns = []
    for which in range(3):
        one = torch.zeros_like(statistics)
        one[:, which] = 1
        columns.append((_statistics_gradient(image, statistics, one, None) * tangent.detach()).sum(dim=(1, 2, 3)))
    return torch.stack(columns, dim=1)


_statistics = differentiable(
    "ImageStatisticsNative",
    _statistics_forward,
    keep=lambda inputs, output: ((inputs[0], output), None),
    backward=_statistics_backward,
    jvp=native(_statistics_jvp),
)


def _heuristic_forward(image: Tensor) -> tuple[Tensor, Tensor]:
    """The second result is the statistics that the gradient needs."""
    loss = image.new_empty(len(image))
    return loss, _summed(image.detach(), loss)


def _keep_statistics(inputs: tuple[Any, ...], outputs: tuple[Tensor, Tensor]) -> Saved:
    return (inputs[0], outputs[1]), None


def _heuristic_backward(
    tensors: tuple[Tensor, ...], _rest: None, _needs: object, grad_out: Tensor
) -> tuple[Tensor | None, ...]:
    image, statistics = (x.detach() for x in tensors)
    return (_statistics_gradient(image, statistics, grad_out.contiguous(), grad_out),)


def _heuristic_jvp(tensors: tuple[Tensor, ...], _rest: None, tangent: Tensor) -> tuple[Tensor]:
    image, statistics = (x.detach() for x in tensors)
    ones = image.new_ones(len(image))
    gradient = _statistics_gradient(image, statistics, ones, ones)
    return ((gradient * tangent.detach()).sum(dim=(1, 2, 3)),)


_heuristic = differentiable(
    "ViewHeuristicNative",
    _heuristic_forward,
    keep=_keep_statistics,
    backward=_heuristic_backward,
    jvp=native(_heuristic_jvp),
    saved_outputs=1,
)


def _squared_error_forward(image: Tensor, target: Tensor, clip: bool) -> Tensor:
    image = image.detach()
    batch, height, width, _ = image.shape
    out, rows = image.new_empty(batch), image.new_empty((batch, height), dtype=torch.float64)
    job = SquaredErrorJob(
        image=Image(batch, height, width),
        rgba=pointer(image),
        target=pointer(target),
        clip=clip,
        rows=pointer(rows),
        out=pointer(out),
    )
    launch(["squared_error_rows", "squared_error_totals"], job, image)
    return out


def _squared_error_gradient(image: Tensor, target: Tensor, clip: bool, grad_out: Tensor) -> Tensor:
    grad = torch.empty_like(image)
    job = SquaredErrorJob(
        image=Image(*image.shape[:3]),
        rgba=pointer(image),
        target=pointer(target),
        clip=clip,
        grad_out=pointer(grad_out),
        grad=pointer(grad),
    )
    launch(["squared_error_grad"], job, image)
    return grad


def _squared_error_backward(
    tensors: tuple[Tensor, ...], clip: bool, _needs: object, grad_out: Tensor
) -> tuple[Tensor | None, ...]:
    image, target = (x.detach() for x in tensors)
    return _squared_error_gradient(image, target, clip, grad_out.contiguous()), None, None


def _squared_error_jvp(tensors: tuple[Tensor, ...], clip: bool, tangent: Tensor, _target: None, _clip: None) -> Tensor:
    image, target = (x.detach() for x in tensors)
    gradient = _squared_error_gradient(image, target, clip, image.new_ones(len(image)))
    return (gradient * tangent.detach()).sum(dim=(1, 2, 3))


_squared_error = differentiable(
    "SquaredErrorNative",
    _squared_error_forward,
    keep=lambda inputs, _: (inputs[:2], inputs[2]),
    backward=_squared_error_backward,
    jvp=native(_squared_error_jvp),
)
