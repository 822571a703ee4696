"""The losses on CUDA: Triton kernels, one pass over the images for each direction, or torch where triton is missing."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops.function import Saved, differentiable, native
from tvdrnet_nv.ops.losses import reference


def view_heuristic_loss(image: Tensor) -> Tensor:
    """[B]; the gradients have the same bits every time."""
    return fused_heuristic(image)[0] if cuda.available() else reference.view_heuristic_loss(image)


def mean_squared_error(image: Tensor, target: Tensor, clip: bool) -> Tensor:
    """[B]; the gradients have the same bits every time."""
    if not cuda.available():
        return reference.mean_squared_error(image, target, clip)
    return fused_squared_error(image, target[None], clip)


def _heuristic_forward(images: Tensor) -> tuple[Tensor, Tensor]:
    """The second result is what the gradient needs: mean and standard deviation."""
    return cuda.load("losses").heuristic(images.detach())


def _heuristic_backward(
    tensors: tuple[Tensor, ...], _rest: None, _needs: object, grad: Tensor
) -> tuple[Tensor | None, ...]:
    images, statistics = tensors
    return (cuda.load("losses").heuristic_gradient(images.detach(), statistics, grad.contiguous()),)


def _heuristic_jvp(tensors: tuple[Tensor, ...], _rest: None, tangent: Tensor) -> tuple[Tensor]:
    images, statistics = tensors
    ones = images.new_ones(len(images))
    gradient = cuda.load("losses").heuristic_gradient(images.detach(), statistics.detach(), ones)
    return ((gradient * tangent.detach()).sum(dim=(1, 2, 3)),)


def _keep_statistics(inputs: tuple[Any, ...], outputs: tuple[Tensor, Tensor]) -> Saved:
    return (*inputs, outputs[1]), None


fused_heuristic = differentiable(
    "ViewHeuristic",
    _heuristic_forward,
    keep=_keep_statistics,
    backward=_heuristic_backward,
    jvp=native(_heuristic_jvp),
    saved_outputs=1,
)


def _squared_error_forward(images: Tensor, target: Tensor, clip: bool) -> Tensor:
    return cuda.load("losses").squared_error(images.detach(), target, clip)


def _squared_error_backward(
    tensors: tuple[Tensor, ...], clip: bool, _needs: object, grad: Tensor
) -> tuple[Tensor | None, ...]:
    images, target = tensors
    return cuda.load("losses").squared_error_gradient(images.detach(), target, grad.contiguous(), clip), None, None


def _squared_error_jvp(tensors: tuple[Tensor, ...], clip: bool, tangent: Tensor, _target: None, _clip: None) -> Tensor:
    images, target = tensors
    ones = images.new_ones(len(images))
    gradient = cuda.load("losses").squared_error_gradient(images.detach(), target.detach(), ones, clip)
    return (gradient * tangent.detach()).sum(dim=(1, 2, 3))


# Takes contiguous images [B, H, W, 3 or 4], targets [1 or B, H, W, 3], and whether colours are clipped to [0, 1].
fused_squared_error = differentiable(
    "SquaredError",
    _squared_error_forward,
    keep=lambda inputs, _: (inputs[:2], inputs[2]),
    backward=_squared_error_backward,
    jvp=native(_squared_error_jvp),
)
