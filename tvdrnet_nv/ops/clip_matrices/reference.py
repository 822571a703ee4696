"""clip_matrices in torch, on any device."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.ops.clip_matrices import Pinholes


def clip_matrices(cameras: Pinholes, scales: tuple[float, float, float, float]) -> tuple[Tensor, Tensor]:
    """The matrices and the positions."""
    R, T, focal, principal = cameras
    sx, sy, a, b = scales
    left, up, depth = torch.cat([R.transpose(1, 2), T[:, :, None]], -1).unbind(1)
    fx, fy = focal.split(1, -1)
    px, py = principal.split(1, -1)
    x = torch.addcmul(fx * left, px, depth) * -sx
    y = torch.addcmul(fy * up, py, depth) * sy
    offset = depth.new_zeros(4)
    offset[3] = b
    return torch.stack([x, y, a * depth + offset, depth], 1), -(R * T[:, None, :]).sum(-1)
