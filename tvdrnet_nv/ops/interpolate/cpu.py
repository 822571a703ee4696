"""interpolate on the CPU."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.function import Saved, contiguous, differentiable, native
from tvdrnet_nv.ops.interpolate.tangent import tangent
from tvdrnet_nv.ops.rasterize.cpu import check_ids


def interpolate(
    attr: Tensor, rast: Tensor, tri: Tensor, rast_db: Tensor | None, indices: list[int]
) -> tuple[Tensor, Tensor]:
    """`out` and `out_da`; `indices` are the attributes to differentiate along the screen."""
    return _interpolate(attr if attr.dim() == 3 else attr[None], rast, tri, rast_db, indices)


def _apply(
    attr: Tensor, rast: Tensor, tri: Tensor, rast_db: Tensor | None, indices: list[int]
) -> tuple[Tensor, Tensor]:
    out = attr.new_empty((*rast.shape[:3], attr.shape[2]))
    out_da = attr.new_empty((*rast.shape[:3], 2 * len(indices)))
    _cpu.interpolate(attr, rast, tri, rast_db, indices, out, out_da, torch.get_num_threads())
    return out, out_da


def _forward(
    attr: Tensor, rast: Tensor, tri: Tensor, rast_db: Tensor | None, indices: list[int]
) -> tuple[Tensor, Tensor]:
    """attr [B or 1, V, A]."""
    check_ids(rast, tri.shape[0])
    return _apply(attr.detach(), rast.detach(), tri, None if rast_db is None else rast_db.detach(), indices)


def _keep(inputs: tuple[Any, ...], _outputs: object) -> Saved:
    *tensors, indices = inputs
    return tensors, indices


def _backward(
    tensors: tuple[Any, ...],
    indices: list[int],
    needs: tuple[bool, ...],
    grad_out: Tensor | None,
    grad_da: Tensor | None,
) -> tuple[Tensor | None, ...]:
    attr, rast, tri, rast_db = tensors
    gradient = attr.new_zeros((*rast.shape[:3], attr.shape[2])) if grad_out is None else grad_out.contiguous()
    needs_attr, needs_rast, _, needs_db, _ = needs
    attr_grad = torch.zeros_like(attr) if needs_attr else None
    rast_grad = torch.empty_like(rast) if needs_rast else None
    db_grad = torch.empty_like(rast_db) if needs_db and rast_db is not None else None
    _cpu.interpolate_backward(
        attr.detach(),
        rast.detach(),
        tri,
        None if rast_db is None else rast_db.detach(),
        indices,
        gradient,
        None if grad_da is None else grad_da.contiguous(),
        attr_grad,
        rast_grad,
        db_grad,
        torch.get_num_threads(),
    )
    return attr_grad, rast_grad, None, db_grad, None


def _jvp(
    tensors: tuple[Any, ...],
    indices: list[int],
    attr_tangent: Tensor | None,
    rast_tangent: Tensor | None,
    _tri: None,
    db_tangent: Tensor | None,
    _indices: None,
) -> tuple[Tensor, Tensor]:
    attr, rast, tri, rast_db = tensors
    rast_db, attr_tangent, rast_tangent, db_tangent = map(contiguous, (rast_db, attr_tangent, rast_tangent, db_tangent))
    inputs = attr.detach(), rast.detach(), tri, rast_db
    return tangent(_apply, inputs, indices, attr_tangent, rast_tangent, db_tangent)


_interpolate = differentiable("Interpolate", _forward, keep=_keep, backward=_backward, jvp=native(_jvp))
