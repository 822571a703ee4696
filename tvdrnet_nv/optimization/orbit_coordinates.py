"""Steps of a camera on an orbit."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit, concatenate
from tvdrnet_nv.camera.parameters import PARAMETERS, parameter, widths
from tvdrnet_nv.ops.orbit_view import Orbits
from tvdrnet_nv.optimization.columns import by_name, column, limits_of, rates
from tvdrnet_nv.optimization.steps.orbit_steps import orbit_limited, orbit_move

# The grid of cameras nearby: degrees of elevation and azimuth, and the logarithm of the distance.
_STEP, _RUNG = 15.0, 0.25
_REACH = 50.0  # degrees between the directions from which a start and its cameras look
_NEARER, _FARTHER = 2, 3  # rungs


# The coordinate of a value, by the scale of its parameter.
_COORDINATE: dict[str, Callable[[float], float]] = {
    "log": math.log,
    "angle": math.radians,
    "log_tangent": lambda degrees: math.log(math.tan(math.radians(degrees) / 2)),
    "radii": float,  # without limits
}


class OrbitCoordinates:
    """Steps of log distance, elevation and azimuth in radians, log tan(fov / 2), the look-at point in radii.

    Limits: a hundredth to a hundred radii of distance, the poles, 5 to 150 degrees of field of view; widened to the
    starts. `Coordinates` describes the methods.

    Args:
        start: K cameras.
        names: the parameters that move, in the order of `PARAMETERS`.
        radius: the scene's, scene units.
    """

    def __init__(self, start: Orbit, names: tuple[str, ...], radius: float) -> None:
        self.names = names
        self._moves = tuple(name in names for name in PARAMETERS)
        self._radius = radius
        self._distances = limits_of("distance", start.distance, radius)
        bounds = {name: limits_of(name, getattr(start, name)) for name in PARAMETERS} | {"distance": self._distances}
        like = start.distance
        self._low, self._high = (
            column(names, {name: _COORDINATE[parameter(name).scale](pair[i]) for name, pair in bounds.items()}, like)
            for i in (0, 1)
        )
        self.rates = rates(names, like)

    def retract(self, viewpoint: Orbit, step: Tensor, rows: Tensor | None = None) -> Orbit:
        moved = orbit_move(_fields(viewpoint), step, self._moves, self._radius)
        return viewpoint.replace(**dict(zip(self.names, moved, strict=True)))

    def neighbours(self, start: Orbit) -> tuple[Orbit, Tensor]:
        """A grid of 15 degrees of elevation and azimuth and a quarter of the distance, as far as these move.

        It reaches 50 degrees from each start, and from 0.6 times the nearest one's distance to 2.1 times the farthest
        one's. What is near several starts belongs to the nearest.
        """
        tilts = [_STEP * i for i in range(-3, 4)] if "elevation" in self.names else [0.0]
        turns = [_STEP * i for i in range(-12, 12)] if "azimuth" in self.names else [0.0]
        offsets = start.distance.new_tensor(list(itertools.product(tilts, turns)))
        elevations = start.elevation[:, None] + offsets[:, 0]
        azimuths = start.azimuth[:, None] + offsets[:, 1]
        cosines = _directions(elevations, azimuths) @ _directions(start.elevation, start.azimuth).T  # [K, G, K]
        alike = (start.at[:, None] - start.at).norm(dim=2) < 1e-3 * start.distance  # starts that look at one point
        own = cosines.diagonal(dim1=0, dim2=2).T
        nearest = cosines.masked_fill(~alike[:, None], -1.0).amax(2)
        inside = (own > math.cos(math.radians(_REACH))) & (own >= nearest) & (elevations.abs() < 90.0)
        owners, places = inside.nonzero(as_tuple=True)
        distances = start.distance[owners, None]
        if "distance" in self.names:
            distances = self._distance_grid(start.distance).repeat(len(owners), 1)
        owners, places = (rows.repeat_interleave(distances.shape[1]) for rows in (owners, places))
        grid = start[owners].replace(
            distance=distances.flatten(), elevation=elevations[owners, places], azimuth=azimuths[owners, places]
        )
        return concatenate([start, grid]), torch.cat([torch.arange(len(start), device=owners.device), owners])

    def _distance_grid(self, distances: Tensor) -> Tensor:
        """From below the nearest to beyond the farthest, within the limits."""
        low, high = (float(distance.log()) for distance in distances.aminmax())
        low, high = low - _NEARER * _RUNG, high + _FARTHER * _RUNG
        rungs = torch.linspace(low, high, 1 + round((high - low) / _RUNG)).exp()
        return rungs.clamp(*self._distances).to(distances)

    def refinement_steps(self) -> Tensor:
        third = {"distance": _RUNG / 3, "elevation": math.radians(_STEP / 3), "azimuth": math.radians(_STEP / 3)}
        sizes = [
            third.get(n, 0.0) for n, width in zip(self.names, widths(self.names), strict=True) for _ in range(width)
        ]
        sides = [(-size, 0.0, size) if size else (0.0,) for size in sizes]
        return self.rates.new_tensor(list(itertools.product(*sides)))

    def limited(self, viewpoint: Orbit, step: Tensor) -> Tensor:
        return orbit_limited(_fields(viewpoint), step, self._moves, self._low, self._high)

    def viewing_distance(self, viewpoint: Orbit, rows: Tensor | None = None) -> Tensor:
        return viewpoint.distance

    def deviations(
        self, viewpoint: Orbit, covariance: Tensor, rows: Tensor | None = None
    ) -> dict[str, float | list[float]]:
        scales = {
            "distance": float(viewpoint.distance),
            "elevation": 180 / math.pi,
            "azimuth": 180 / math.pi,
            "fov": 180 / math.pi * float(torch.sin(torch.deg2rad(viewpoint.fov))),
            "at": self._radius,
        }
        return by_name(self.names, column(self.names, scales, covariance) * covariance.diagonal().sqrt())


def _fields(viewpoint: Orbit) -> Orbits:
    return viewpoint.distance, viewpoint.elevation, viewpoint.azimuth, viewpoint.fov, viewpoint.at


def _directions(elevation: Tensor, azimuth: Tensor) -> Tensor:
    """[..., 3]: unit vectors from the look-at point, in the orbit's frame."""
    e, a = torch.deg2rad(elevation), torch.deg2rad(azimuth)
    return torch.stack([e.cos() * a.sin(), e.sin(), e.cos() * a.cos()], -1)
