"""Looking around the starts: where an image comparison has many local minima, a grid of cameras finds the right one."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.optimization.method import Residuals
from tvdrnet_nv.optimization.parameters import ELEVATION_LIMITS
from tvdrnet_nv.optimization.pyramid import averaged, shrunk
from tvdrnet_nv.renderer import Renderer

# Steps so small that Levenberg-Marquardt finds the way from the nearest candidate.
_FINE = {
    "distance": (1.0, 0.78, 0.885, 1.13, 1.28),
    "elevation": (0.0, 12.0, -12.0, 24.0, -24.0),
    "azimuth": (0.0, 10.0, -10.0, 20.0, -20.0, 30.0, -30.0),
}
# Around each of many starts, which are a grid themselves.
_COARSE = {"distance": (1.0, 0.8, 1.25), "elevation": (0.0, 15.0, -15.0), "azimuth": (0.0, 15.0, -15.0)}
_SIZE = 64  # pixels along the shorter side
_SQUARE = 4  # of which are averaged
_BATCH = 32


def search(
    renderer: Renderer, names: tuple[str, ...], objective: Residuals, near: float, far: float, start: Orbit
) -> Orbit:
    """Return, for each of the K starts, the best of a grid of cameras around it, itself among them.

    The grid spans ±30° of azimuth, ±24° of elevation and a factor of 1.28 of distance, as far as these are in `names`;
    around each of several starts ±15°, ±15° and 1.25.
    """
    small = renderer.at_resolution(shrunk(renderer.resolution, _SIZE))
    offsets = _FINE if len(start) == 1 else _COARSE
    steps = [offsets[name] if name in names else offsets[name][:1] for name in offsets]
    grid = torch.tensor(list(itertools.product(*steps)), dtype=start.dtype, device=start.device)
    count, size = len(start), len(grid)
    factor, tilt, turn = grid.repeat(count, 1).unbind(1)
    candidates = start.replace(
        distance=start.distance.repeat_interleave(size) * factor,
        elevation=(start.elevation.repeat_interleave(size) + tilt).clamp(*ELEVATION_LIMITS),
        azimuth=start.azimuth.repeat_interleave(size) + turn,
        fov=start.fov.repeat_interleave(size),
        at=start.at.repeat_interleave(size, 0),
    )
    losses: list[Tensor] = []
    with torch.no_grad():
        for first in range(0, count * size, _BATCH):
            render = small(candidates[first : first + _BATCH].camera(near, far))
            losses.append(averaged(objective.residuals(render), _SQUARE).square().mean((1, 2, 3)))
    best = torch.cat(losses).nan_to_num(nan=float("inf")).reshape(count, size).argmin(1)
    chosen = best + size * torch.arange(count, device=best.device)
    return candidates.replace(
        **{name: getattr(candidates, name)[chosen] for name in ("distance", "elevation", "azimuth", "fov", "at")}
    )
