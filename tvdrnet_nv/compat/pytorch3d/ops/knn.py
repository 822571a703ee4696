"""The nearest points of another cloud."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.ops._pairs import between, check_points, distances, lengths_of

__all__ = ["_KNN", "knn_gather", "knn_points"]  # programs make and annotate _KNN


class _KNN(NamedTuple):
    """dists [N, P1, K], idx [N, P1, K] int64, and the points [N, P1, K, D] or None."""

    dists: Tensor
    idx: Tensor
    knn: Tensor | None


def knn_points(
    p1: Tensor,
    p2: Tensor,
    lengths1: Tensor | None = None,
    lengths2: Tensor | None = None,
    norm: int = 2,
    K: int = 1,
    version: int = -1,
    return_nn: bool = False,
    return_sorted: bool = True,
) -> _KNN:
    """For each point of p1 the K nearest of p2, nearest first; all pairs are looked at.

    Args:
        p1: [N, P1, D].
        p2: [N, P2, D].
        lengths1: [N], how many points of p1 count; default all.
        lengths2: [N], how many points of p2 count.
        norm: 1 or 2.
        K: how many.
        version: accepted; without effect.
        return_nn: whether the points are wanted.
        return_sorted: accepted; they are sorted in any case.

    Returns:
        distances [N, P1, K], squared for norm 2 and differentiable; their indices into p2, int64; and the points
        [N, P1, K, D] if wanted. All are 0 where p2 has not so many points; beyond `lengths1` the points are the first.

    Raises:
        ValueError: shapes that do not match, or another norm.
    """
    check_points(p1, p2)
    if norm not in (1, 2):
        raise ValueError("Support for 1 or 2 norm.")
    counts1, counts2 = lengths_of(p1, lengths1), lengths_of(p2, lengths2)
    k = min(K, p2.shape[1])
    idx = torch.zeros(*p1.shape[:2], K, dtype=torch.int64, device=p1.device)
    for rows, found in distances(p1, p2, counts2, norm):
        idx[:, rows, :k] = found.topk(k, dim=2, largest=False).indices
    there = torch.arange(K, device=p1.device) < counts2[:, None, None]
    there = there & (torch.arange(p1.shape[1], device=p1.device)[:, None] < counts1[:, None, None])
    idx = idx * there
    near = knn_gather(p2, idx)
    dists = torch.where(there, between(p1[:, :, None], near, norm), 0.0)
    return _KNN(dists, idx, knn_gather(p2, idx, counts2) if return_nn else None)


def knn_gather(x: Tensor, idx: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Rows [N, L, K, D] of x [N, M, D] by the indices [N, L, K] of `knn_points`; 0 for neighbours beyond `lengths` [N].

    Raises:
        ValueError: batch sizes that do not match.
    """
    if len(x) != len(idx):
        raise ValueError("x and idx must have same batch dimension.")
    n, rows, k = idx.shape
    if x.shape[1] == 0:
        return x.new_zeros(n, rows, k, x.shape[2])
    flat = idx.reshape(n, rows * k, 1).expand(-1, -1, x.shape[2])
    out = torch.gather(x, 1, flat).reshape(n, rows, k, x.shape[2])
    if lengths is not None:
        out = out * (torch.arange(k, device=x.device) < lengths[:, None])[:, None, :, None]
    return out
