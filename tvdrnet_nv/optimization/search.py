"""Looking around the starts: where an image comparison has many local minima, a grid of cameras finds the right one."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, Orbit, Viewpoint
from tvdrnet_nv.objectives import Objective, RobustLoss
from tvdrnet_nv.optimization.coordinates import Coordinates
from tvdrnet_nv.optimization.method import Residuals, checked_losses
from tvdrnet_nv.optimization.pyramid import averaged, shrunk
from tvdrnet_nv.renderer import Renderer

SIZE = 64  # pixels along the shorter side
_SQUARE = 4  # of which are averaged
_BATCH = 32
_COSINE, _RATIO = math.cos(math.radians(20.0)), math.log(1.2)  # nearer cameras are neighbours


def search(
    renderer: Renderer,
    coordinates: Coordinates[Viewpoint],
    objective: Residuals,
    near: float,
    far: float,
    start: Viewpoint,
) -> Viewpoint:
    """Return, for each of the K starts, the best of the cameras that are `nearby`, itself among them.

    On an orbit they span ±30° of azimuth, ±24° of elevation and a factor of 1.28 of distance, as far as these move;
    around each of several starts ±15°, ±15° and 1.25.
    """
    small = renderer.at_resolution(shrunk(renderer.resolution, SIZE))
    grid = coordinates.nearby(few=len(start) > 1)
    count, size = len(start), len(grid)
    rows = torch.arange(count, device=start.device).repeat_interleave(size)
    steps = coordinates.limited(start[rows], grid.repeat(count, 1))
    candidates = coordinates.retract(start[rows], steps, rows)
    best = losses_of(small, objective, near, far, candidates).reshape(count, size).argmin(1)
    return candidates[best + size * torch.arange(count, device=best.device)]


def search_orbit(
    renderer: Renderer, objective: Objective, start: Orbit, count: int, *, near: float, far: float
) -> Orbit:
    """Look from all around, and return the `count` best cameras that are not neighbours, the best first.

    24 azimuths, 5 elevations from 5° to 75° and 3 distances, 0.75, 1 and 1.3 times the start's: 360 small renders.

    Args:
        renderer: the scene.
        objective: what makes a camera good; one with `residuals` is asked on averaged images.
        start: one camera, for the look-at point, the distance, the field of view and the pole. Looked from as well.
        count: how many are wanted; fewer come where the scene has no more that differ.
        near: near clip plane, scene units.
        far: far clip plane.

    Returns:
        At most `count` cameras, more than 20° apart, or by more than a fifth of the distance.
    """
    if len(start) != 1:
        raise ValueError(f"start must be one camera, got {len(start)}")
    azimuths, elevations = [15.0 * i for i in range(24)], [5.0, 22.0, 40.0, 57.0, 75.0]
    grid = torch.tensor(
        list(itertools.product((0.75, 1.0, 1.3), elevations, azimuths)), dtype=start.dtype, device=start.device
    )
    candidates = Orbit(
        distance=torch.cat([start.distance, start.distance * grid[:, 0]]),
        elevation=torch.cat([start.elevation, grid[:, 1]]),
        azimuth=torch.cat([start.azimuth, start.azimuth + grid[:, 2]]),
        fov=start.fov.expand(1 + len(grid)),
        at=start.at.expand(1 + len(grid), 3),
        up=start.up,
    )
    small = renderer.at_resolution(shrunk(renderer.resolution, SIZE))
    order = losses_of(small, objective, near, far, candidates).argsort(stable=True).tolist()
    # The directions, as unit vectors of the cameras' viewing axes.
    axes, lengths = candidates.camera(near, far).R[:, :, 2], candidates.distance.log()
    chosen: list[int] = []
    for i in order:
        if len(chosen) == count:
            break
        others = torch.tensor(chosen, dtype=torch.int64, device=axes.device)
        near_by = (axes[others] @ axes[i] > _COSINE) & ((lengths[others] - lengths[i]).abs() < _RATIO)
        if not bool(near_by.any()):
            chosen.append(i)
    return candidates[torch.tensor(chosen, device=axes.device)]


def losses_of(small: Renderer, objective: Objective, near: float, far: float, candidates: Orbit | Camera) -> Tensor:
    """[N]: the objective's losses, of averaged images where it can be asked on them; infinite for NaN."""
    losses: list[Tensor] = []
    with torch.no_grad():
        for first in range(0, len(candidates), _BATCH):
            render = small(candidates[first : first + _BATCH].camera(near, far).to(small.mesh.device))
            if isinstance(objective, Residuals):
                losses.append(_compared(objective, averaged(objective.residuals(render), _SQUARE)))
            else:
                losses.append(checked_losses(objective, render))
    return torch.cat(losses).to(candidates.device).nan_to_num(nan=float("inf"))


def _compared(objective: Residuals, residuals: Tensor) -> Tensor:
    """[B]: the loss of averaged residuals; a robust one at twice its scale, as none of the cameras is right yet."""
    robust: RobustLoss | None = getattr(objective, "robust", None)
    values = residuals.square() if robust is None else robust.loss(residuals, 2 * robust.scale)
    return values.mean((1, 2, 3))
