"""Points spread evenly over a surface."""

from __future__ import annotations

import torch
from torch import Tensor

# The R2 sequence (Roberts 2018): its points cover the square evenly, any number of them.
_R2 = (0.7548776662466927, 0.5698402909980532)


def spread_points(masses: Tensor, count: int, offset: float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
    """Points on triangles, each of which stands for the same share of all mass; the same for the same masses.

    They lie evenly along the triangles' order, where neighbours mostly are neighbours in space: less noise than a
    random draw.

    Args:
        masses: [F] float64, of the triangles; not negative, and not all zero.
        count: N, how many points.
        offset: where the sequence starts in the triangles, in [0, 1).

    Returns:
        [N] int64 the triangle of each point, and u and v, [N] float64: it is a + u (b - a) + v (c - a).
    """
    ends = masses.cumsum(0)
    steps = torch.arange(count, dtype=torch.float64, device=masses.device)
    face = torch.searchsorted(ends, (steps + 0.5) / count * ends[-1]).clamp(max=len(masses) - 1)
    u, v = ((step * steps + offset) % 1.0 for step in _R2)
    outside = u + v > 1
    return face, torch.where(outside, 1 - u, u), torch.where(outside, 1 - v, v)
