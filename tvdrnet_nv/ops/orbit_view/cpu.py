"""orbit_view on the CPU."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.function import Saved, addresses, differentiable, gradients_through, native, packed
from tvdrnet_nv.ops.orbit_view import Orbits, Views, WorldAxes, reference

_KERNELS = {torch.float32: _cpu.CameraOps32, torch.float64: _cpu.CameraOps64}


def orbit_view(orbits: Orbits, axes: WorldAxes) -> Views:
    """R, T and the focal lengths."""
    return _orbit_view(axes, *orbits)


def _empty(count: int, like: Tensor) -> Views:
    return like.new_empty((count, 3, 3)), like.new_empty((count, 3)), like.new_empty((count, 2))


def _forward(axes: WorldAxes, *orbits: Tensor) -> Views:
    orbits = packed(orbits, orbits)
    count, like = len(orbits[0]), orbits[0]
    out = _empty(count, like)
    _KERNELS[like.dtype].orbit_view(count, axes, addresses(orbits), addresses(out))
    return out


def _keep(inputs: tuple[Any, ...], _outputs: object) -> Saved:
    axes, *orbits = inputs
    return orbits, axes


def _backward(
    tensors: tuple[Tensor, ...], axes: WorldAxes, _needs: object, *grads: Tensor
) -> tuple[Tensor | None, ...]:
    orbits, grads = packed(tensors, tensors), packed(grads, grads)
    out = tuple(torch.empty_like(tensor) for tensor in orbits)
    kernel = _KERNELS[out[0].dtype].orbit_view_backward
    kernel(len(out[0]), axes, addresses(orbits), addresses(grads), addresses(out))
    return None, *out


def _twice(tensors: tuple[Tensor, ...], axes: WorldAxes, _needs: object, *grads: Tensor) -> tuple[Tensor | None, ...]:
    return None, *gradients_through(lambda *orbits: reference.orbit_view(orbits, axes), tensors, grads)


def _jvp(tensors: tuple[Tensor, ...], axes: WorldAxes, _axes: None, *tangents: Tensor | None) -> Views:
    orbits, moves = packed(tensors, tensors), packed(tangents, tensors)
    count, like = len(orbits[0]), orbits[0]
    out = _empty(count, like)
    _KERNELS[like.dtype].orbit_view_jvp(count, axes, addresses(orbits), addresses(moves), addresses(out))
    return out


_orbit_view = differentiable(
    "OrbitView",
    _forward,
    keep=_keep,
    backward=_backward,
    jvp=native(_jvp),
    double_backward=_twice,
    zero_missing_gradients=True,
)
