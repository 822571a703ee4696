"""Looking around the starts: where an image comparison has many local minima, a grid of cameras finds the right one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Generic, NamedTuple

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, Orbit, Viewpoint, ViewpointT, concatenate
from tvdrnet_nv.objectives.objective import (
    Objective,
    ResidualObjective,
    checked_losses,
    robust_loss,
    sees_only_colours,
)
from tvdrnet_nv.optimization.clustering import clustered
from tvdrnet_nv.optimization.coordinates import Coordinates
from tvdrnet_nv.optimization.distinct import best_distinct
from tvdrnet_nv.optimization.normal_equations import averaged_residuals
from tvdrnet_nv.optimization.pyramid import shrunk
from tvdrnet_nv.renderer import Renderer

SIZE = 64  # pixels along the shorter side
_SQUARE = 4  # of which are averaged
_CELL = 0.5  # of an averaged pixel: the detail of what is rendered
_REFINED = 8  # of the cameras nearby, that are looked around once more
_BATCH = 128
_SHOWN = 8  # candidates that are handed over
_COSINE, _RATIO = math.cos(math.radians(20.0)), math.log(1.2)  # nearer cameras are neighbours


class Searched(NamedTuple, Generic[ViewpointT]):
    """What `search` found.

    Attributes:
        views: the best camera around each of the K starts.
        losses: [K], theirs.
        candidates: the best of all that were looked at and are not neighbours, at most 8, the best first.
    """

    views: ViewpointT
    losses: Tensor
    candidates: ViewpointT


def search(
    renderer: Renderer,
    coordinates: Coordinates[ViewpointT],
    objective: ResidualObjective,
    start: ViewpointT,
) -> Searched[ViewpointT]:
    """Evaluate the `neighbours` of K starts, and return each start's best, itself among them, and its loss.

    Around the best 8 of all, those of `refinement_steps` are evaluated, too. The renders are small, and of a mesh
    that is no finer than they show.
    """
    views, owners = coordinates.neighbours(start)
    camera, viewing_distance = views.camera(), coordinates.viewing_distance(views, owners)
    small = _small(renderer, objective, camera, viewing_distance)
    losses = losses_of(small, objective, views)
    best = best_distinct(losses, _looking_elsewhere(camera, viewing_distance), _REFINED)
    steps = coordinates.refinement_steps()
    parents = best.repeat_interleave(len(steps))
    steps = coordinates.limited(views[parents], steps.repeat(len(best), 1))
    finer = coordinates.retract(views[parents], steps, owners[parents])
    views, owners = concatenate([views, finer]), torch.cat([owners, owners[parents]])
    losses = torch.cat([losses, losses_of(small, objective, finer)])
    own = owners == torch.arange(len(start), device=owners.device)[:, None]
    lowest = losses.expand(own.shape).masked_fill(~own, math.inf).min(1)
    elsewhere = _looking_elsewhere(views.camera(), coordinates.viewing_distance(views, owners))
    shown = best_distinct(losses, elsewhere, _SHOWN)
    return Searched(views[lowest.indices], lowest.values, views[shown])


def search_orbit(renderer: Renderer, objective: Objective, start: Orbit, count: int) -> Orbit:
    """Look from all around, and return the `count` best cameras that are not neighbours, the best first.

    24 azimuths, 5 elevations from 5° to 75° and 3 distances, 0.75, 1 and 1.3 times the start's: 360 small renders.

    Args:
        renderer: the scene.
        objective: what makes a camera good; one with `residuals` is asked on averaged images.
        start: one camera, for the look-at point, the distance, the field of view and the pole. Looked from as well.
        count: how many are wanted; fewer come where the scene has no more that differ.

    Returns:
        At most `count` cameras, turned by 20° or more against each other, or a fifth of the distance apart.
    """
    if len(start) != 1:
        raise ValueError(f"start must be one camera, got {len(start)}")
    azimuths, elevations = [15.0 * i for i in range(24)], [5.0, 22.0, 40.0, 57.0, 75.0]
    grid = torch.tensor(
        list(itertools.product((0.75, 1.0, 1.3), elevations, azimuths)), dtype=start.dtype, device=start.device
    )
    around = start.expand(len(grid)).replace(
        distance=start.distance * grid[:, 0], elevation=grid[:, 1], azimuth=start.azimuth + grid[:, 2]
    )
    candidates = concatenate([start, around])
    camera = candidates.camera()
    losses = losses_of(_small(renderer, objective, camera, candidates.distance), objective, candidates)
    return candidates[best_distinct(losses, _looking_elsewhere(camera, candidates.distance), count)]


def _small(renderer: Renderer, objective: Objective, camera: Camera, viewing_distance: Tensor) -> Renderer:
    """For small renders; of a mesh that is no finer than these show, where the objective sees nothing but colours."""
    resolution = shrunk(renderer.resolution, SIZE)
    if not sees_only_colours(objective):
        return renderer.at_resolution(resolution)
    visible = 2 * float((viewing_distance / camera.focal.amax(1)).median())
    return renderer.of(clustered(renderer.mesh, _CELL * visible * _SQUARE / min(resolution)), resolution)


def _looking_elsewhere(camera: Camera, viewing_distance: Tensor) -> Callable[[int], Tensor]:
    """For `best_distinct`: cameras turned against one by 20° or more, or a fifth of the distance nearer or farther."""
    turns, lengths = camera.R.flatten(1), viewing_distance.log()
    return lambda i: ((turns @ turns[i] - 1) / 2 <= _COSINE) | ((lengths - lengths[i]).abs() >= _RATIO)


def losses_of(small: Renderer, objective: Objective, candidates: Viewpoint, square: int = _SQUARE) -> Tensor:
    """[N]: the objective's losses, of averaged images where it can be asked on them; infinite for NaN."""
    losses: list[Tensor] = []
    with torch.no_grad():
        for first in range(0, len(candidates), _BATCH):
            render = small(candidates[first : first + _BATCH].camera().to(small.mesh.device))
            if isinstance(objective, ResidualObjective):
                losses.append(_compared(objective, averaged_residuals(objective, render, square)))
            else:
                losses.append(checked_losses(objective, render))
    return torch.cat(losses).to(candidates.device).nan_to_num(nan=float("inf"))


def _compared(objective: ResidualObjective, residuals: Tensor) -> Tensor:
    """[B]: the loss of averaged residuals; a robust one at twice its scale, as none of the cameras is right yet."""
    robust = robust_loss(objective)
    values = residuals.square() if robust is None else robust.loss(residuals, 2 * robust.scale)
    return values.mean((1, 2, 3))
