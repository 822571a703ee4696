"""orbit_view in torch, on any device."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tvdrnet_nv.ops.orbit_view import Orbits, Views, WorldAxes


def orbit_view(orbits: Orbits, axes: WorldAxes) -> Views:
    """R, T and the focal lengths."""
    distance, elevation, azimuth, fov, at = orbits
    R = _rotation(elevation, azimuth, axes)
    # −Rᵀ position, with the distance taken out of the product: it is exactly the look-at point's depth.
    T = torch.nn.functional.pad(distance[:, None], (2, 0)) - (at[:, :, None] * R).sum(1)
    focal = 1.0 / torch.tan(fov * (math.pi / 360.0))
    return R, T, focal[:, None].expand(-1, 2)


def _rotation(elevation: Tensor, azimuth: Tensor, axes: WorldAxes) -> Tensor:
    """R [K, 3, 3]: columns are the view's axes left, up, forward in the world."""
    radians = torch.stack([elevation, azimuth]) * (math.pi / 180.0)
    (se, sa), (ce, ca) = radians.sin().unbind(), radians.cos().unbind()
    down, back = -se, -ce
    y_up = ([-ca, down * sa, back * sa], [torch.zeros_like(se), ce, down], [sa, down * ca, back * ca])
    rows = [value if axis > 0 else -value for axis in axes for value in y_up[abs(axis) - 1]]
    return torch.stack(rows, -1).unflatten(-1, (3, 3))
