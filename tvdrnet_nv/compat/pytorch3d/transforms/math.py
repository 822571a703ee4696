"""`pytorch3d.transforms.math`: an arccosine for optimisers."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["acos_linear_extrapolation"]

_BOUND = 1.0 - 1e-4


def acos_linear_extrapolation(x: Tensor, bounds: tuple[float, float] = (-_BOUND, _BOUND)) -> Tensor:
    """The arccosine, which beyond the bounds goes on along its tangent: its gradient is finite everywhere.

    Args:
        x: any shape, any value.
        bounds: where the tangents begin, in (-1, 1).

    Returns:
        radians, the shape of `x`.

    Raises:
        ValueError: bounds that are not in (-1, 1), or the first above the second.
    """
    lower, upper = bounds
    if lower > upper:
        raise ValueError("lower bound has to be smaller or equal to upper bound.")
    if lower <= -1.0 or upper >= 1.0:
        raise ValueError("Both lower bound and upper bound have to be within (-1, 1).")
    found = torch.acos(x.clamp(lower, upper))
    for bound, beyond in ((lower, x <= lower), (upper, x >= upper)):
        # In Python's precision: near 1, that of float32 does not do for the slope.
        tangent = math.acos(bound) - (x - bound) / math.sqrt(1 - bound**2)
        found = torch.where(beyond, tangent, found)
    return found
