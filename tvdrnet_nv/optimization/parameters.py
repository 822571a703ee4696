"""The camera parameters that can be optimised, as one vector per camera."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit

PARAMETERS = ("distance", "elevation", "azimuth", "fov", "at")

ELEVATION_LIMITS = (-90.0, 90.0)
FOV_LIMITS = (5.0, 150.0)


def check_parameters(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names in the order of `PARAMETERS`, or say which is wrong."""
    for name in names:
        if name not in PARAMETERS:
            raise ValueError(f"unknown parameter {name!r}; choose from {', '.join(PARAMETERS)}")
    if len(set(names)) != len(names) or not names:
        raise ValueError(f"parameters must be one or more different names; got {', '.join(names) or 'none'}")
    return tuple(name for name in PARAMETERS if name in names)


def pack(orbit: Orbit, names: tuple[str, ...]) -> Tensor:
    """[K, P]: the named parameters side by side, `at` as three numbers."""
    return torch.cat([getattr(orbit, name).reshape(len(orbit), -1) for name in names], dim=1)


def unpack(orbit: Orbit, names: tuple[str, ...], values: Tensor) -> Orbit:
    """The orbit with the named parameters taken from `values` [K, P]."""
    widths = [3 if name == "at" else 1 for name in names]
    parts = values.split(widths, dim=1)
    return orbit.replace(**{n: p if n == "at" else p[:, 0] for n, p in zip(names, parts, strict=True)})


def widened(limits: tuple[float, float], start: Tensor) -> tuple[float, float]:
    """The limits, reaching as far as the starts [K] do."""
    return min(limits[0], float(start.min())), max(limits[1], float(start.max()))


def column(names: tuple[str, ...], numbers: dict[str, float], like: Tensor) -> Tensor:
    """[P]: one number per column of `pack`, the same for the three of `at`."""
    return like.new_tensor([numbers[name] for name in names for _ in range(3 if name == "at" else 1)])
