"""Looking around the start: where an image comparison has many local minima, the nearest candidate to start from."""

from __future__ import annotations

import itertools

import torch

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.objectives import Objective
from tvdrnet_nv.optimization.parameters import ELEVATION_LIMITS
from tvdrnet_nv.renderer import Renderer

# Steps small enough that gradient descent finds the way from the nearest candidate.
_OFFSETS = {
    "distance": (1.0, 0.7, 0.84, 1.19, 1.41),
    "elevation": (0.0, 10.0, -10.0, 20.0, -20.0),
    "azimuth": (0.0, 10.0, -10.0, 20.0, -20.0, 30.0, -30.0),
}
_SIZE = 64  # pixels along the shorter side: enough to tell candidates apart
_BATCH = 16


def look_around(
    renderer: Renderer, names: tuple[str, ...], objective: Objective, near: float, far: float, start: Orbit
) -> Orbit:
    """Return, for each of the K starts, the best of a grid of cameras around it, itself among them.

    The grid spans ±30° of azimuth, ±20° of elevation and a factor of 1.4 of distance, as far as these are in `names`.
    """
    height, width = renderer.resolution
    shrink = max(1.0, min(height, width) / _SIZE)
    small = renderer.at_resolution((max(1, round(height / shrink)), max(1, round(width / shrink))))
    steps = [_OFFSETS[name] if name in names else _OFFSETS[name][:1] for name in _OFFSETS]
    grid = torch.tensor(list(itertools.product(*steps)), dtype=start.dtype, device=start.device)
    factor, tilt, turn = grid.unbind(1)
    best = []
    with torch.no_grad():
        for k in range(len(start)):
            one = start[k]
            candidates = Orbit(
                distance=one.distance * factor,
                elevation=(one.elevation + tilt).clamp(*ELEVATION_LIMITS),
                azimuth=one.azimuth + turn,
                fov=one.fov.expand(len(grid)),
                at=one.at.expand(len(grid), 3),
                up=one.up,
            )
            losses = [
                objective(small(candidates[i : i + _BATCH].camera(near, far))) for i in range(0, len(grid), _BATCH)
            ]
            best.append(candidates[int(torch.cat(losses).nan_to_num(nan=float("inf")).argmin())])
    return Orbit(
        **{name: torch.cat([getattr(o, name) for o in best]) for name in (*_OFFSETS, "fov", "at")}, up=start.up
    )
