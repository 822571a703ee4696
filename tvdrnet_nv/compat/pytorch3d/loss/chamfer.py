"""The chamfer distance between clouds of points."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from tvdrnet_nv.compat.pytorch3d.ops.knn import knn_gather, knn_points
from tvdrnet_nv.compat.pytorch3d.ops.utils import is_pointclouds

__all__ = ["chamfer_distance"]

Pair = tuple[Tensor, Tensor]


def _check(batch_reduction: str | None, point_reduction: str | None, norm: int) -> None:
    if batch_reduction not in (None, "mean", "sum"):
        raise ValueError('batch_reduction must be one of ["mean", "sum"] or None')
    if point_reduction not in (None, "mean", "sum", "max"):
        raise ValueError('point_reduction must be one of ["mean", "sum", "max"] or None')
    if point_reduction is None and batch_reduction is not None:
        raise ValueError("Batch reduction must be None if point_reduction is None")
    if norm not in (1, 2):
        raise ValueError("Support for 1 or 2 norm.")


def _cloud(points: Any, lengths: Tensor | None, normals: Tensor | None) -> tuple[Tensor, Tensor, Tensor | None]:
    """[N, P, D], how many count [N], and normals [N, P, 3] or None."""
    if is_pointclouds(points):
        return points.points_padded(), points.num_points_per_cloud(), points.normals_padded()
    if not isinstance(points, Tensor):
        raise ValueError(
            "The input pointclouds should be either Pointclouds objects or torch.Tensor of shape "
            "(minibatch, num_points, 3)."
        )
    if points.dim() != 3:
        raise ValueError("Expected points to be of shape (N, P, D)")
    if lengths is None:
        lengths = torch.full((len(points),), points.shape[1], dtype=torch.int64, device=points.device)
    elif lengths.dim() != 1 or len(lengths) != len(points):
        raise ValueError("Expected lengths to be of shape (N,)")
    elif bool((lengths > points.shape[1]).any()):
        raise ValueError("A length value was too long")
    if normals is not None and normals.dim() != 3:
        raise ValueError("Expected normals to be of shape (N, P, 3")
    return points, lengths, normals


def _one_way(
    x: Tensor,
    y: Tensor,
    counts: Pair,
    normals: Pair | None,
    weights: Tensor | None,
    reduce: str | None,
    norm: int,
    absolute: bool,
) -> tuple[Tensor, Tensor | None]:
    """From each point of x to the nearest of y: [N, P1], or reduced to [N]; and likewise of normals."""
    found = knn_points(x, y, counts[0], counts[1], norm=norm)
    there = torch.arange(x.shape[1], device=x.device) < counts[0][:, None]
    parts = [found.dists[..., 0]]
    if normals is not None:
        near = knn_gather(normals[1], found.idx, counts[1])[..., 0, :]
        cosine = cosine_similarity(normals[0], near, dim=2, eps=1e-6)
        parts.append(1 - (cosine.abs() if absolute else cosine))
    out = []
    for part in parts:
        part = torch.where(there, part, 0.0)
        if weights is not None:
            part = part * weights[:, None]
        if reduce == "max":
            part = part.amax(1)
        elif reduce is not None:
            part = part.sum(1)
        if reduce == "mean":
            part = part / counts[0].clamp_min(1)
        out.append(part)
    return out[0], out[1] if normals is not None else None


def chamfer_distance(
    x: Any,
    y: Any,
    x_lengths: Tensor | None = None,
    y_lengths: Tensor | None = None,
    x_normals: Tensor | None = None,
    y_normals: Tensor | None = None,
    weights: Tensor | None = None,
    batch_reduction: str | None = "mean",
    point_reduction: str | None = "mean",
    norm: int = 2,
    single_directional: bool = False,
    abs_cosine: bool = True,
) -> tuple[Any, Any]:
    """From each point to the nearest of the other cloud, and back.

    Args:
        x: [N, P1, D], or Pointclouds.
        y: [N, P2, D], or Pointclouds.
        x_lengths: [N], how many points of x count; default all.
        y_lengths: [N], how many points of y count.
        x_normals: [N, P1, 3]; with y_normals, normals are compared too.
        y_normals: [N, P2, 3].
        weights: [N], of the clouds; not negative.
        batch_reduction: 'mean', 'sum' or None.
        point_reduction: 'mean', 'sum', 'max' or None; without it a pair [N, P1], [N, P2].
        norm: 1, or 2 for squared distances.
        single_directional: from x to y alone.
        abs_cosine: whether normals may point either way.

    Returns:
        the distance, and one minus the cosine of the normals or None.

    Raises:
        ValueError: shapes that do not match, or reductions that do not go together.
    """
    _check(batch_reduction, point_reduction, norm)
    x, counts_x, x_normals = _cloud(x, x_lengths, x_normals)
    y, counts_y, y_normals = _cloud(y, y_lengths, y_normals)
    if len(x) != len(y) or x.shape[2] != y.shape[2]:
        raise ValueError("y does not have the correct shape.")
    if weights is not None:
        if len(weights) != len(x):
            raise ValueError("weights must be of shape (N,).")
        if not bool((weights >= 0).all()):
            raise ValueError("weights cannot be negative.")
        if float(weights.sum()) == 0.0:
            # [N, N] without a reduction: PyTorch3D's shape.
            zero = x.sum((1, 2)) * weights[:, None] * 0.0
            zero = zero if batch_reduction is None else zero.sum()
            return zero, zero
    normals = (x_normals, y_normals) if x_normals is not None and y_normals is not None else None
    if normals is not None and point_reduction == "max":
        raise ValueError('Normals must be None if point_reduction is "max"')
    settings = (weights, point_reduction, norm, abs_cosine)
    ways = [_one_way(x, y, (counts_x, counts_y), normals, *settings)]
    if not single_directional:
        back = None if normals is None else (normals[1], normals[0])
        ways.append(_one_way(y, x, (counts_y, counts_x), back, *settings))
    total = x.shape[0] if weights is None else weights.sum()
    return _joined([d for d, _ in ways], batch_reduction, point_reduction, total), (
        None
        if normals is None
        else _joined([n for _, n in ways if n is not None], batch_reduction, point_reduction, total)
    )


def _joined(ways: list[Tensor], batch: str | None, point: str | None, total: Any) -> Any:
    if point is None:
        return ways[0] if len(ways) == 1 else tuple(ways)
    value = torch.stack(ways).amax(0) if point == "max" else torch.stack(ways).sum(0)
    if batch is None:
        return value
    value = value.sum()
    return (
        value / (total.clamp_min(1e-12) if isinstance(total, Tensor) else max(total, 1)) if batch == "mean" else value
    )
