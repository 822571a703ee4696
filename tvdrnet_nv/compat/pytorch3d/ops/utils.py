"""Small helpers of `pytorch3d.ops`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device

__all__ = ["convert_pointclouds_to_tensor", "eyes", "is_pointclouds", "masked_gather", "wmean"]


def masked_gather(points: Tensor, idx: Tensor) -> Tensor:
    """Rows of points [N, P, D] by idx [N, K] or [N, M, K]; 0 where the index is -1.

    Raises:
        ValueError: batch sizes that do not match, or indices of another shape.
    """
    if len(idx) != len(points):
        raise ValueError("points and idx must have the same batch dimension")
    if idx.dim() not in (2, 3):
        raise ValueError(f"idx format is not supported: it must be [N, K] or [N, M, K]; got {list(idx.shape)}")
    flat = idx.reshape(len(idx), -1, 1)
    rows = torch.gather(points, 1, flat.clamp_min(0).expand(-1, -1, points.shape[2])) * (flat >= 0)
    return rows.reshape(*idx.shape, points.shape[2])


def wmean(
    x: Tensor,
    weight: Tensor | None = None,
    dim: int | tuple[int, ...] = -2,
    keepdim: bool = True,
    eps: float = 1e-9,
) -> Tensor:
    """The mean of x [*, P, D] along `dim`, weighted by weight [*, P]; `eps` is the least sum of weights."""
    if weight is None:
        return x.mean(dim=dim, keepdim=keepdim)
    # Broadcasting begins at the last dimension.
    pairs = zip(reversed(weight.shape), reversed(x.shape[:-1]), strict=False)
    if any(a not in (b, 1) and b != 1 for a, b in pairs):
        raise ValueError("wmean: weights are not compatible with the tensor")
    total = weight[..., None].sum(dim=dim, keepdim=keepdim).clamp_min(eps)
    return (x * weight[..., None]).sum(dim=dim, keepdim=keepdim) / total


def eyes(dim: int, N: int, device: torch.device | str | None = None, dtype: torch.dtype = torch.float32) -> Tensor:
    """[N, dim, dim]: unit matrices."""
    where: Device | None = device
    return torch.eye(dim, device=where, dtype=dtype)[None].repeat(N, 1, 1)


def is_pointclouds(pcl: Any) -> bool:
    """Whether it has a batch of point clouds' accessors."""
    return hasattr(pcl, "points_padded") and hasattr(pcl, "num_points_per_cloud")


def convert_pointclouds_to_tensor(pcl: Any) -> tuple[Tensor, Tensor]:
    """Points [N, P, D] and how many of them count [N], of Pointclouds or of a tensor.

    Raises:
        ValueError: neither.
    """
    if is_pointclouds(pcl):
        return pcl.points_padded(), pcl.num_points_per_cloud()
    if isinstance(pcl, Tensor):
        return pcl, torch.full((len(pcl),), pcl.shape[1], dtype=torch.int64, device=pcl.device)
    raise ValueError("The inputs X, Y should be either Pointclouds objects or tensors.")
