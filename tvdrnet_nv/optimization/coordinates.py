"""The coordinates in which cameras are moved: all without a unit, and of like influence on the image."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.optimization.parameters import ELEVATION_LIMITS, FOV_LIMITS, column, pack, unpack, widened


class Coordinates:
    """x [K, P]: log distance, elevation and azimuth in radians, log tan(fov / 2), the look-at point in radii.

    Args:
        start: K cameras; what is not named stays theirs.
        names: the parameters that move, in the order of `PARAMETERS`.
        radius: the scene's, scene units.

    Attributes:
        low, high: [P], the limits of x: a hundredth to a hundred radii of distance, the poles, 5 to 150 degrees of
            field of view; widened to the starts.
    """

    def __init__(self, start: Orbit, names: tuple[str, ...], radius: float) -> None:
        self._start, self._names, self._radius = start, names, radius
        infinity = math.inf
        nearest, farthest = widened((0.01 * radius, 100 * radius), start.distance)
        bounds = {
            "distance": (math.log(nearest), math.log(farthest)),
            "elevation": tuple(math.radians(x) for x in ELEVATION_LIMITS),
            "fov": tuple(math.log(math.tan(math.radians(x) / 2)) for x in widened(FOV_LIMITS, start.fov)),
            "azimuth": (-infinity, infinity),
            "at": (-infinity, infinity),
        }
        like = start.distance
        self.low = column(names, {name: pair[0] for name, pair in bounds.items()}, like)
        self.high = column(names, {name: pair[1] for name, pair in bounds.items()}, like)

    def of(self, orbit: Orbit) -> Tensor:
        """x [K, P] of cameras."""
        tilt, turn = torch.deg2rad(orbit.elevation), torch.deg2rad(orbit.azimuth)
        lens = torch.tan(torch.deg2rad(orbit.fov) / 2).log()
        return pack(
            orbit.replace(
                distance=orbit.distance.log(), elevation=tilt, azimuth=turn, fov=lens, at=orbit.at / self._radius
            ),
            self._names,
        )

    def orbit(self, x: Tensor, rows: Tensor | None = None) -> Orbit:
        """The cameras of x [N, P], differentiable; `rows` [N] says which start each belongs to, by default its own."""
        start = self._start
        if rows is not None:
            fields = {name: getattr(start, name)[rows] for name in ("distance", "elevation", "azimuth", "fov", "at")}
            start = start.replace(**fields)
        moved = unpack(start, self._names, x)
        public = {}
        for name in self._names:
            value = getattr(moved, name)
            if name == "distance":
                value = value.exp()
            elif name == "fov":
                value = torch.rad2deg(2 * torch.atan(value.exp()))
            elif name == "at":
                value = value * self._radius
            else:
                value = torch.rad2deg(value)
            public[name] = value
        return moved.replace(**public)

    def clamped(self, x: Tensor) -> Tensor:
        """x within the limits."""
        return x.clamp(self.low, self.high)

    def deviations(self, orbit: Orbit, x: Tensor) -> dict[str, float | list[float]]:
        """Small deviations of x [P] about one camera in the public units: scene units and degrees."""
        fov = torch.deg2rad(orbit.fov)
        scales = {
            "distance": float(orbit.distance),
            "elevation": 180 / math.pi,
            "azimuth": 180 / math.pi,
            "fov": 180 / math.pi * float(torch.sin(fov)),
            "at": self._radius,
        }
        numbers = (column(self._names, scales, x) * x).tolist()
        found: dict[str, float | list[float]] = {}
        for name in self._names:
            found[name] = [numbers.pop(0) for _ in range(3)] if name == "at" else numbers.pop(0)
        return found
