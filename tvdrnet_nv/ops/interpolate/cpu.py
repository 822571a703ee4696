"""interpolate on the CPU."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.function import Saved, contiguous, differentiable, native
from tvdrnet_nv.ops.rasterize.cpu import check_ids


def interpolate(
    attr: Tensor, rast: Tensor, tri: Tensor, rast_db: Tensor | None, indices: list[int]
) -> tuple[Tensor, Tensor]:
    """`out` and `out_da`; `indices` are the attributes to differentiate along the screen."""
    return _interpolate(attr if attr.dim() == 3 else attr[None], rast, tri, rast_db, indices)


def _forward(
    attr: Tensor, rast: Tensor, tri: Tensor, rast_db: Tensor | None, indices: list[int]
) -> tuple[Tensor, Tensor]:
    """attr [B or 1, V, A]."""
    check_ids(rast, tri.shape[0])
    out = attr.new_empty((*rast.shape[:3], attr.shape[2]))
    out_da = attr.new_empty((*rast.shape[:3], 2 * len(indices)))
    rast_db = None if rast_db is None else rast_db.detach()
    _cpu.interpolate(attr.detach(), rast.detach(), tri, rast_db, indices, out, out_da, torch.get_num_threads())
    return out, out_da


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
    """The op is linear in `attr` and in (u, v), and its derivatives along the screen in `attr` and `rast_db`."""
    attr, rast, tri, rast_db = tensors
    attr, rast = attr.detach(), rast.detach()
    rast_db, attr_tangent, rast_tangent, db_tangent = map(contiguous, (rast_db, attr_tangent, rast_tangent, db_tangent))
    threads = torch.get_num_threads()
    out = attr.new_zeros((*rast.shape[:3], attr.shape[2]))
    out_da = attr.new_zeros((*rast.shape[:3], 2 * len(indices)))
    if attr_tangent is not None:
        _cpu.interpolate(attr_tangent, rast, tri, rast_db, indices, out, out_da, threads)
    # Moving u by du and v by dv changes the attribute by du (A0 - A2) + dv (A1 - A2): the derivative along the screen
    # for a screen on which u and v change by just that.
    if rast_tangent is not None:
        zero = torch.zeros_like(rast[..., 0])
        step = torch.stack((rast_tangent[..., 0], zero, rast_tangent[..., 1], zero), dim=-1)
        every = list(range(attr.shape[2]))
        unused, moved = torch.empty_like(out), attr.new_empty((*rast.shape[:3], 2 * len(every)))
        _cpu.interpolate(attr, rast, tri, step, every, unused, moved, threads)
        out = out + moved[..., ::2]
    if db_tangent is not None and indices:
        unused, moved = torch.empty_like(out), torch.empty_like(out_da)
        _cpu.interpolate(attr, rast, tri, db_tangent, indices, unused, moved, threads)
        out_da = out_da + moved
    return out, out_da


_interpolate = differentiable("Interpolate", _forward, keep=_keep, backward=_backward, jvp=native(_jvp))
