"""shade on CUDA: a Triton kernel for each direction, or torch where triton is missing."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tvdrnet_nv.kernels import cuda
from tvdrnet_nv.ops.function import Saved, differentiable, native, packed
from tvdrnet_nv.ops.phong import Phong
from tvdrnet_nv.ops.shade import reference


def shade(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, phong: Phong) -> Tensor:
    """The shaded image.

    For the kernels, ids that name no triangle, and triangles that name no vertex, are background: to refuse them, as on
    the CPU, would mean waiting for the GPU. Their gradients have the same bits every time.
    """
    return (_shade if cuda.available() else reference.shade)(attributes, rast, tri, eye, phong)


def _forward(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, phong: Phong) -> Tensor:
    return cuda.load("shade").forward(attributes, rast.detach(), tri, eye.detach(), phong)


def _keep(inputs: tuple[Any, ...], _output: object) -> Saved:
    *tensors, phong = inputs
    return tensors, phong


def _backward(tensors: tuple[Tensor, ...], phong: Phong, _needs: object, grad_out: Tensor) -> tuple[Tensor | None, ...]:
    detached = (tensor.detach() for tensor in tensors)
    rast_grad, eye_grad = cuda.load("shade").backward(*detached, phong, grad_out.contiguous())
    return None, rast_grad, None, eye_grad, None


def _jvp(
    tensors: tuple[Tensor, ...],
    phong: Phong,
    _attributes: None,
    rast_tangent: Tensor | None,
    _tri: None,
    eye_tangent: Tensor | None,
    _phong: None,
) -> Tensor:
    attributes, rast, tri, eye = (tensor.detach() for tensor in tensors)
    tangents = packed([rast_tangent, eye_tangent], [rast, eye])
    detached = (tangent.detach() for tangent in tangents)
    return cuda.load("shade").tangent(attributes, rast, tri, eye, phong, *detached)


_shade = differentiable("Shade", _forward, keep=_keep, backward=_backward, jvp=native(_jvp))
