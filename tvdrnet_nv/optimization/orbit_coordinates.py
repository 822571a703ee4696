"""Steps of a camera on an orbit."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.optimization.parameters import ELEVATION_LIMITS, FOV_LIMITS, by_name, column, widened, widths

_HALF_DEGREE = math.radians(0.5)
# Steps so small that Levenberg-Marquardt finds the way from the nearest camera.
_NEARBY = {
    "distance": tuple(math.log(x) for x in (1.0, 0.78, 0.885, 1.13, 1.28)),
    "elevation": tuple(math.radians(x) for x in (0, 12, -12, 24, -24)),
    "azimuth": tuple(math.radians(x) for x in (0, 10, -10, 20, -20, 30, -30)),
}
# Around each of many starts, which are a grid themselves.
_CLOSE_BY = {
    "distance": tuple(math.log(x) for x in (1.0, 0.8, 1.25)),
    "elevation": tuple(math.radians(x) for x in (0, 15, -15)),
    "azimuth": tuple(math.radians(x) for x in (0, 15, -15)),
}
_RATES = {"distance": 0.01, "elevation": _HALF_DEGREE, "azimuth": _HALF_DEGREE, "fov": 0.01, "at": 0.01}


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
        self._radius = radius
        nearest, farthest = widened((0.01 * radius, 100 * radius), start.distance)
        narrow, wide = widened(FOV_LIMITS, start.fov)
        bounds = {
            "distance": (math.log(nearest), math.log(farthest)),
            "elevation": (math.radians(ELEVATION_LIMITS[0]), math.radians(ELEVATION_LIMITS[1])),
            "azimuth": (-math.inf, math.inf),
            "fov": (math.log(math.tan(math.radians(narrow) / 2)), math.log(math.tan(math.radians(wide) / 2))),
            "at": (-math.inf, math.inf),
        }
        like = start.distance
        self._low = column(names, {name: pair[0] for name, pair in bounds.items()}, like)
        self._high = column(names, {name: pair[1] for name, pair in bounds.items()}, like)
        self.rates = column(names, _RATES, like)

    def retract(self, viewpoint: Orbit, step: Tensor, rows: Tensor | None = None) -> Orbit:
        moved = {}
        for name, part in zip(self.names, step.split(widths(self.names), 1), strict=True):
            now, change = getattr(viewpoint, name), part[:, 0]
            if name == "distance":
                moved[name] = now * change.exp()
            elif name == "fov":
                moved[name] = torch.rad2deg(2 * torch.atan(torch.tan(torch.deg2rad(now) / 2) * change.exp()))
            elif name == "at":
                moved[name] = now + self._radius * part
            else:
                moved[name] = now + torch.rad2deg(change)
        return viewpoint.replace(**moved)

    def nearby(self, *, few: bool) -> Tensor:
        offsets = _CLOSE_BY if few else _NEARBY
        still = (0.0,)
        steps = [
            offsets.get(name, still)
            for name, width in zip(self.names, widths(self.names), strict=True)
            for _ in range(width)
        ]
        return self.rates.new_tensor(list(itertools.product(*steps)))

    def limited(self, viewpoint: Orbit, step: Tensor) -> Tensor:
        here = []
        for name, width in zip(self.names, widths(self.names), strict=True):
            if name == "distance":
                here.append(viewpoint.distance.log())
            elif name == "elevation":
                here.append(torch.deg2rad(viewpoint.elevation))
            elif name == "fov":
                here.append(torch.tan(torch.deg2rad(viewpoint.fov) / 2).log())
            else:  # without limits
                here += [torch.zeros_like(viewpoint.distance)] * width
        at = torch.stack(here, 1)
        return step.clamp(self._low - at, self._high - at)

    def reach(self, viewpoint: Orbit, rows: Tensor | None = None) -> Tensor:
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
