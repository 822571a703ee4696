"""Points within a radius."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.ops._pairs import between, check_points, distances, lengths_of
from tvdrnet_nv.compat.pytorch3d.ops.knn import _KNN, knn_gather

__all__ = ["ball_query"]


def ball_query(
    p1: Tensor,
    p2: Tensor,
    lengths1: Tensor | None = None,
    lengths2: Tensor | None = None,
    K: int = 500,
    radius: float = 0.2,
    return_nn: bool = True,
    skip_points_outside_cube: bool = False,
) -> _KNN:
    """For each point of p1 the first K points of p2, in their order, that are nearer than `radius`.

    Args:
        p1: [N, P1, D].
        p2: [N, P2, D].
        lengths1: [N], how many points of p1 count; default all.
        lengths2: [N], how many points of p2 count.
        K: at most how many.
        radius: of the ball.
        return_nn: whether the points are wanted.
        skip_points_outside_cube: accepted; without effect.

    Returns:
        squared distances [N, P1, K], 0 where there is no point; their indices into p2, int64, -1 where there is none;
        and the points [N, P1, K, D] if wanted.

    Raises:
        ValueError: shapes that do not match.
    """
    check_points(p1, p2)
    counts1, counts2 = lengths_of(p1, lengths1), lengths_of(p2, lengths2)
    k = min(K, p2.shape[1])
    idx = torch.full((*p1.shape[:2], K), -1, dtype=torch.int64, device=p1.device)
    none = p2.shape[1]
    for rows, found in distances(p1, p2, counts2):
        order = torch.arange(none, device=p1.device).where(found < radius * radius, none)
        first = order.topk(k, dim=2, largest=False, sorted=True).values
        idx[:, rows, :k] = first.where(first < none, -1)
    idx[torch.arange(p1.shape[1], device=p1.device) >= counts1[:, None]] = -1
    there = idx >= 0
    near = knn_gather(p2, idx.clamp_min(0)) * there[..., None]
    dists = torch.where(there, between(p1[:, :, None], near), 0.0)
    return _KNN(dists, idx, near if return_nn else None)
