"""interpolate's forward mode, for every backend that has the op itself."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Apply = Callable[[Tensor, Tensor, Tensor, Tensor | None, list[int]], tuple[Tensor, Tensor]]


def tangent(
    apply: Apply,
    inputs: tuple[Tensor, Tensor, Tensor, Tensor | None],
    indices: list[int],
    attr_tangent: Tensor | None,
    rast_tangent: Tensor | None,
    db_tangent: Tensor | None,
) -> tuple[Tensor, Tensor]:
    """The change of `out` and `out_da`.

    The op is linear in `attr` and in (u, v), and its derivatives along the screen in `attr` and `rast_db`, so that the
    op itself gives it.

    Args:
        apply: the op: attr, rast, tri, rast_db and indices to `out` and `out_da`.
        inputs: attr [B or 1, V, A], rast, tri and rast_db, without gradients.
        indices: the attributes that are differentiated along the screen.
        attr_tangent: of attr; None: it does not change.
        rast_tangent: of rast, likewise.
        db_tangent: of rast_db, likewise.
    """
    attr, rast, tri, rast_db = inputs
    out = attr.new_zeros((*rast.shape[:3], attr.shape[2]))
    out_da = attr.new_zeros((*rast.shape[:3], 2 * len(indices)))
    if attr_tangent is not None:
        out, out_da = apply(attr_tangent, rast, tri, rast_db, indices)
    # Moving u by du and v by dv changes the attribute by du (A0 - A2) + dv (A1 - A2): the derivative along the screen
    # for a screen on which u and v change by just that.
    if rast_tangent is not None:
        zero = torch.zeros_like(rast[..., 0])
        step = torch.stack((rast_tangent[..., 0], zero, rast_tangent[..., 1], zero), dim=-1)
        out = out + apply(attr, rast, tri, step, list(range(attr.shape[2])))[1][..., ::2]
    if db_tangent is not None and indices:
        out_da = out_da + apply(attr, rast, tri, db_tangent, indices)[1]
    return out, out_da
