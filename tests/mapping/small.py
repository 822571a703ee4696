"""A small mapping, its light, and where it starts."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv import Orbit, PhongLight

SMALL: dict[str, Any] = {"width": 16, "grid": 16, "slices": 4}
FLAT = PhongLight(ambient=1.0, diffuse=0.0, specular=0.0)


def starts(count: int, up: str = "y", at: Tensor | None = None) -> Orbit:
    azimuth = torch.linspace(0.0, 200.0, count)
    return Orbit.create(
        3.0, 30.0, azimuth, 60.0, at=(0.0, 0.0, 0.0) if at is None else at, up="z" if up == "z" else "y"
    )


def fields(view: Orbit) -> Tensor:
    return torch.cat([torch.stack([view.distance, view.elevation, view.azimuth, view.fov], 1), view.at], 1)
