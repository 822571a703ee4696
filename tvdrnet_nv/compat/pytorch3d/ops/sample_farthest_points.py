"""A few points of a cloud, far from each other."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.ops._pairs import lengths_of
from tvdrnet_nv.compat.pytorch3d.ops.utils import masked_gather

__all__ = ["sample_farthest_points", "sample_farthest_points_naive"]


def sample_farthest_points(
    points: Tensor, lengths: Tensor | None = None, K: int | list[int] | Tensor = 50, random_start_point: bool = False
) -> tuple[Tensor, Tensor]:
    """Each point is the one farthest from all that were chosen before (Eldar et al. 1997).

    Args:
        points: [N, P, D].
        lengths: [N], how many points count; default all.
        K: how many to choose, one number or one for each cloud.
        random_start_point: start at a random point instead of the first.

    Returns:
        the points [N, max K, D], 0 beyond; and their indices [N, max K] int64, -1 beyond.

    Raises:
        ValueError: K or lengths of another batch size, or lengths beyond P.
    """
    counts = lengths_of(points, lengths)
    if len(counts) and int(counts.max()) > points.shape[1]:
        raise ValueError(f"A value in lengths was too large: {int(counts.max())} of {points.shape[1]} points.")
    wanted = torch.as_tensor(K, device=points.device).to(torch.int64)
    wanted = wanted.expand(len(points)) if wanted.dim() == 0 else wanted
    if len(wanted) != len(points):
        raise ValueError("K and points must have the same batch dimension")
    idx = torch.full((len(points), int(wanted.max()) if len(wanted) else 0), -1, device=points.device)
    wanted = torch.minimum(wanted, counts)
    rows = torch.arange(len(points), device=points.device)
    with torch.no_grad():
        nearest = points.new_full(points.shape[:2], torch.inf)
        beyond = torch.arange(points.shape[1], device=points.device) >= counts[:, None]
        chosen = (torch.rand(len(points), device=points.device) * counts).long() if random_start_point else rows * 0
        for step in range(idx.shape[1]):
            idx[:, step] = torch.where(step < wanted, chosen, -1)
            to_last = (points - points[rows, chosen][:, None]).square().sum(-1)
            nearest = torch.minimum(nearest, to_last)
            chosen = nearest.masked_fill(beyond, -1.0).argmax(1)
    return masked_gather(points, idx), idx


# PyTorch3D's own reference; ours is in plain PyTorch in any case.
sample_farthest_points_naive = sample_farthest_points
