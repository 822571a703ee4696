"""interpolate by gathering the three corners of every covered pixel."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def interpolate(
    attr: Tensor,
    rast: Tensor,
    tri: Tensor,
    rast_db: Tensor | None = None,
    diff_attrs: Sequence[int] | str | None = None,
) -> tuple[Tensor, Tensor]:
    """out [B, H, W, A] and out_da [B, H, W, 2 n], float64; gradients flow into `attr`, u, v and `rast_db`."""
    attr, rast = attr.double(), rast.double()
    if attr.dim() == 2:
        attr = attr[None]
    attr = attr.expand(len(rast), -1, -1)
    ids = rast[..., 3].detach().long() - 1
    hit = (ids >= 0)[..., None]
    if len(tri) == 0:
        corners = attr.new_zeros(*ids.shape, 3, attr.shape[-1])
    else:
        image = torch.arange(len(rast))[:, None, None, None]
        corners = attr[image, tri.long()[ids.clamp(min=0)]]  # [B, H, W, 3, A]
    u, v = rast[..., 0:1], rast[..., 1:2]
    out = u * corners[..., 0, :] + v * corners[..., 1, :] + (1 - u - v) * corners[..., 2, :]
    out = torch.where(hit, out, 0.0)
    if diff_attrs is None:
        return out, out[..., :0]
    assert rast_db is not None
    chosen = list(range(attr.shape[-1])) if isinstance(diff_attrs, str) else list(diff_attrs)
    along_u = (corners[..., 0, :] - corners[..., 2, :])[..., chosen, None]
    along_v = (corners[..., 1, :] - corners[..., 2, :])[..., chosen, None]
    db = rast_db.double()[..., None, :]
    out_da = (along_u * db[..., 0:2] + along_v * db[..., 2:4]).flatten(-2)
    return out, torch.where(hit, out_da, 0.0)
