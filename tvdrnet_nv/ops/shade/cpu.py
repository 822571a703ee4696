"""shade on the CPU."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.function import Saved, contiguous, differentiable, native
from tvdrnet_nv.ops.phong import Phong
from tvdrnet_nv.ops.rasterize.cpu import check_ids


def shade(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, phong: Phong) -> Tensor:
    """The shaded image."""
    return _shade(attributes, rast, tri, eye, phong.numbers())


def _forward(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, phong: list[float]) -> Tensor:
    check_ids(rast, tri.shape[0])
    out = torch.empty_like(rast)
    _cpu.shade(attributes, rast.detach(), tri, eye.detach(), phong, out, torch.get_num_threads())
    return out


def _keep(inputs: tuple[Any, ...], _output: object) -> Saved:
    *tensors, phong = inputs
    return tensors, phong


def _backward(
    tensors: tuple[Tensor, ...], phong: list[float], _needs: object, grad_out: Tensor
) -> tuple[Tensor | None, ...]:
    attributes, rast, tri, eye = tensors
    rast_grad, eye_grad = torch.empty_like(rast), torch.empty_like(eye)
    _cpu.shade_backward(
        attributes,
        rast.detach(),
        tri,
        eye.detach(),
        phong,
        grad_out.contiguous(),
        rast_grad,
        eye_grad,
        torch.get_num_threads(),
    )
    return None, rast_grad, None, eye_grad, None


def _jvp(
    tensors: tuple[Tensor, ...],
    phong: list[float],
    _attributes: None,
    rast_tangent: Tensor | None,
    _tri: None,
    eye_tangent: Tensor | None,
    _phong: None,
) -> Tensor:
    attributes, rast, tri, eye = tensors
    out_tangent = torch.empty_like(rast)
    _cpu.shade_jvp(
        attributes,
        rast.detach(),
        tri,
        eye.detach(),
        phong,
        contiguous(rast_tangent),
        contiguous(eye_tangent),
        out_tangent,
        torch.get_num_threads(),
    )
    return out_tangent


_shade = differentiable("Shade", _forward, keep=_keep, backward=_backward, jvp=native(_jvp))
