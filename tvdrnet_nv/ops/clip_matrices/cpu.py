"""clip_matrices on the CPU."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.clip_matrices import Pinholes, reference
from tvdrnet_nv.ops.function import Saved, addresses, differentiable, gradients_through, native, packed

Scales = tuple[float, float, float, float]

_KERNELS = {torch.float32: _cpu.CameraOps32, torch.float64: _cpu.CameraOps64}


def clip_matrices(cameras: Pinholes, scales: Scales) -> tuple[Tensor, Tensor]:
    """The matrices and the positions."""
    return _clip_matrices(scales, *cameras)


def _forward(scales: Scales, *cameras: Tensor) -> tuple[Tensor, Tensor]:
    cameras = packed(cameras, cameras)
    count, like = len(cameras[0]), cameras[0]
    out = like.new_empty((count, 4, 4)), like.new_empty((count, 3))
    _KERNELS[like.dtype].clip_matrices(count, scales, addresses(cameras), addresses(out))
    return out


def _keep(inputs: tuple[Any, ...], _outputs: object) -> Saved:
    scales, *cameras = inputs
    return cameras, scales


def _backward(tensors: tuple[Tensor, ...], scales: Scales, _needs: object, *grads: Tensor) -> tuple[Tensor | None, ...]:
    cameras, grads = packed(tensors, tensors), packed(grads, grads)
    out = tuple(torch.empty_like(tensor) for tensor in cameras)
    kernel = _KERNELS[out[0].dtype].clip_matrices_backward
    kernel(len(out[0]), scales, addresses(cameras), addresses(grads), addresses(out))
    return None, *out


def _twice(tensors: tuple[Tensor, ...], scales: Scales, _needs: object, *grads: Tensor) -> tuple[Tensor | None, ...]:
    return None, *gradients_through(lambda *cameras: reference.clip_matrices(cameras, scales), tensors, grads)


def _jvp(tensors: tuple[Tensor, ...], scales: Scales, _scales: None, *tangents: Tensor | None) -> tuple[Tensor, Tensor]:
    cameras, moves = packed(tensors, tensors), packed(tangents, tensors)
    count, like = len(cameras[0]), cameras[0]
    out = like.new_empty((count, 4, 4)), like.new_empty((count, 3))
    _KERNELS[like.dtype].clip_matrices_jvp(count, scales, addresses(cameras), addresses(moves), addresses(out))
    return out


_clip_matrices = differentiable(
    "ClipMatrices",
    _forward,
    keep=_keep,
    backward=_backward,
    jvp=native(_jvp),
    double_backward=_twice,
    zero_missing_gradients=True,
)
