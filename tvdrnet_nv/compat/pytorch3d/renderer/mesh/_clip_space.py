"""Depth in the ops' clip space."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def depth_range(meshes: Any, view: Tensor, clip: float | None, perspective: bool) -> tuple[Tensor, Tensor]:
    """Clip planes [N] each that hold all that is to be seen, closely, as depth has the precision of float32."""
    z = view.detach()[..., 2]
    there = torch.arange(z.shape[1], device=z.device) < meshes.num_verts_per_mesh()[:, None]
    low = torch.where(there, z, torch.inf).amin(1) if z.shape[1] else z.new_full((len(z),), torch.inf)
    high = torch.where(there, z, -torch.inf).amax(1) if z.shape[1] else z.new_full((len(z),), -torch.inf)
    high = torch.where(torch.isfinite(high), high, 1.0)
    slack = 1e-3 * torch.maximum(high.abs(), torch.where(torch.isfinite(low), low.abs(), 0.0)).clamp_min(1e-6)
    if perspective:
        least = high.abs() * 1e-4 + 1e-12 if clip is None else torch.full_like(high, clip)
        near = torch.maximum(least.clamp_min(1e-12), low - slack)
    else:
        near = torch.maximum(torch.full_like(high, 0.0 if clip is None else clip), low - slack)
    near = torch.where(torch.isfinite(near), near, 1.0)
    return near, torch.maximum(high + slack, near * 1.01 + 1e-6)


def clip_z(depth: Tensor, w: Tensor, near: Tensor, far: Tensor, perspective: bool) -> Tensor:
    """z of the ops' clip space for vertices at `depth`: z/w is -1 at `near` and +1 at `far`."""
    if not perspective:
        return (2 * depth - near - far) / (far - near)
    # Homogeneous coordinates may be scaled as one likes; w is the depth times some positive number.
    scale = torch.where(depth.detach() != 0, w.detach() / depth.detach(), 1.0)
    return scale * ((far + near) * depth - 2 * far * near) / (far - near)
