"""Distances between points, triangles and segments in space."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

_PAIRS = 1 << 20  # at most so many pairs at once


def _to_segment(points: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Squared distances [...] of points [..., 3] to segments."""
    along = b - a
    length = along.square().sum(-1)
    t = ((points - a) * along).sum(-1) / torch.where(length > 1e-8, length, 1.0)
    # A segment without length is its end.
    nearest = torch.where((length > 1e-8)[..., None], a + t.clamp(0, 1)[..., None] * along, b)
    return (points - nearest).square().sum(-1)


def to_edge(points: Tensor, edges: Tensor) -> Tensor:
    """Squared distances [...] of points [..., 3] to segments [..., 2, 3]."""
    return _to_segment(points, edges[..., 0, :], edges[..., 1, :])


def to_triangle(points: Tensor, triangles: Tensor, min_triangle_area: float = 5e-3) -> Tensor:
    """Squared distances [...] of points [..., 3] to triangles [..., 3, 3].

    Triangles smaller than `min_triangle_area` count as their edges.
    """
    a, b, c = triangles.unbind(-2)
    ab, ac = b - a, c - a
    normal = torch.linalg.cross(ab, ac)
    size = normal.norm(dim=-1)
    large = size / 2 > min_triangle_area
    unit = normal / torch.where(size > 0, size, 1.0)[..., None]
    height = ((points - a) * unit).sum(-1)
    foot = points - height[..., None] * unit - a
    d00, d01, d11 = ab.square().sum(-1), (ab * ac).sum(-1), ac.square().sum(-1)
    d20, d21 = (foot * ab).sum(-1), (foot * ac).sum(-1)
    determinant = d00 * d11 - d01 * d01
    safe = torch.where(determinant > 0, determinant, 1.0)
    v, w = (d11 * d20 - d01 * d21) / safe, (d00 * d21 - d01 * d20) / safe
    above = large & (determinant > 0) & (v >= 0) & (w >= 0) & (v + w <= 1)
    rims = torch.stack([_to_segment(points, p, q) for p, q in ((a, b), (b, c), (c, a))], dim=-1).amin(-1)
    return torch.where(above, height.square(), rims)


def nearest(
    points: Tensor, shapes: Tensor, point_counts: list[int], shape_counts: list[int], distance: Callable[..., Tensor]
) -> tuple[Tensor, Tensor]:
    """For each packed point the nearest shape of the same element, and for each shape the nearest point.

    Args:
        points: [ΣP, 3].
        shapes: [ΣS, 2 or 3, 3].
        point_counts: of each element of the batch.
        shape_counts: likewise.
        distance: `to_edge` or `to_triangle`.

    Returns:
        rows of shapes [ΣP], rows of points [ΣS], int64; -1 where the element has none.
    """
    of_points = torch.full((len(points),), -1, device=points.device)
    of_shapes = torch.full((len(shapes),), -1, device=points.device)
    p0 = s0 = 0
    with torch.no_grad():
        for p_count, s_count in zip(point_counts, shape_counts, strict=True):
            own, others = points[p0 : p0 + p_count], shapes[s0 : s0 + s_count]
            if p_count and s_count:
                best = own.new_full((s_count,), torch.inf)
                for first in range(0, p_count, max(1, _PAIRS // s_count)):
                    part = own[first : first + max(1, _PAIRS // s_count)]
                    found = distance(part[:, None], others[None])
                    of_points[p0 + first : p0 + first + len(part)] = s0 + found.argmin(1)
                    least, which = found.min(0)
                    of_shapes[s0 : s0 + s_count] = torch.where(
                        least < best, p0 + first + which, of_shapes[s0 : s0 + s_count]
                    )
                    best = torch.minimum(best, least)
            p0, s0 = p0 + p_count, s0 + s_count
    return of_points, of_shapes
