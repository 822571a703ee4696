"""Looking all over a scene, where nothing says which part of it is wanted; and views that differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.camera import Orbit, concatenate
from tvdrnet_nv.mesh import Mesh, cross_products
from tvdrnet_nv.objectives.objective import Objective, checked_losses
from tvdrnet_nv.optimization.distinct import best_distinct
from tvdrnet_nv.optimization.loop import optimize
from tvdrnet_nv.optimization.result import Progress
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.starts import halton
from tvdrnet_nv.surface_points import spread_points

_PLACES = 64  # points of the surface that are looked at
_EACH = 6  # cameras for each
_AROUND = 24  # about the whole scene
_NEAREST, _FARTHEST = 0.2, 0.9  # of the scene's radius, from a point
_LOWEST, _HIGHEST = 5.0, 60.0  # degrees, elevations
_FREE = 0.8  # of the way to the look-at point
_BATCH = 32
_COSINE = math.cos(math.radians(20.0))  # of the directions in which neighbours look
_ASIDE = 0.5  # of the distance, how far apart their eyes are
_SPARE = 3  # times as many views as are wanted are moved before they are chosen


@dataclass(frozen=True)
class DistinctViews:
    """Views that an objective likes, none of which is a neighbour of another.

    Attributes:
        orbit: K cameras, on the CPU, the best first.
        losses: [K], theirs.
        iterations: how many were made.
    """

    orbit: Orbit
    losses: Tensor
    iterations: int


def search_scene(renderer: Renderer, objective: Objective, start: Orbit, count: int, *, seed: int = 0) -> Orbit:
    """The `count` best of 409 cameras all over a scene, the best first.

    The start; 24 cameras about its look-at point; and of 64 points, spread evenly over the scene's surface, 6 each,
    from 0.2 to 0.9 scene radii away, 5 to 60 degrees high and from all sides. A camera from which something hides the
    point that it looks at does not count, unless that is so for all: most of them are inside a thing or behind a wall.

    Args:
        renderer: the scene.
        objective: what makes a camera good; where it has `quick`, that ranks the cameras.
        start: one camera, for the field of view and the pole.
        count: how many are wanted; fewer come where there are not so many that differ as those of `distinct_views`.
        seed: another seed gives other cameras.

    Raises:
        ValueError: `start` is not one camera.
    """
    if len(start) != 1:
        raise ValueError(f"start must be one camera, got {len(start)}")
    candidates = cameras_all_over(renderer.mesh, start, seed)
    losses = _quick_losses(renderer, objective, candidates)
    return candidates[best_distinct(losses, _elsewhere(candidates), count)]


def cameras_all_over(mesh: Mesh, start: Orbit, seed: int = 0) -> Orbit:
    """The 409 cameras of `search_scene`, from which something may hide what they look at."""
    return concatenate([start, _around(start), _at_places(mesh, start, seed)]).wrapped()


def distinct_views(
    renderer: Renderer,
    objective: Objective,
    start: Orbit,
    count: int,
    *,
    parameters: Sequence[str],
    iterations: int,
    learning_rate: float | None = None,
    seed: int = 0,
    callback: Callable[[Progress], bool | None] | None = None,
) -> DistinctViews:
    """The `count` best views all over a scene that differ: three times as many are moved by Adam, side by side.

    Each is taken where its loss was lowest. One that looks in the direction of a better one, to 20°, and is nearer to
    it than half of the way to what that one looks at, is left out.

    Args:
        renderer: the scene.
        objective: what makes a camera good.
        start: one camera, as for `search_scene`.
        count: how many are wanted; fewer come where there are not so many.
        parameters: which of `PARAMETERS` move.
        iterations: of Adam.
        learning_rate: of Adam.
        seed: of the search.
        callback: as in `optimize`.
    """
    begin = search_scene(renderer, objective, start, _SPARE * count, seed=seed)
    history = optimize(
        renderer,
        begin,
        objective,
        parameters=parameters,
        method="adam",
        iterations=iterations,
        learning_rate=learning_rate,
        callback=callback,
    ).history
    lowest = torch.from_numpy(np.nan_to_num(history.loss, nan=np.inf)).min(0)
    moved = history.viewpoints[lowest.indices * len(begin) + torch.arange(len(begin))]
    losses = lowest.values
    rows = best_distinct(losses, _elsewhere(moved), count)
    return DistinctViews(moved[rows], losses[rows], len(history))


def _around(start: Orbit) -> Orbit:
    """About the start's look-at point, as far away as it is and half as far."""
    steps = torch.arange(_AROUND, dtype=start.dtype, device=start.device)
    return start.expand(_AROUND).replace(
        distance=start.distance * torch.where(steps % 2 == 0, 1.0, 0.5),
        elevation=torch.where(steps % 4 < 2, 20.0, 45.0).to(steps),
        azimuth=start.azimuth + 360 / _AROUND * steps,
    )


def _at_places(mesh: Mesh, start: Orbit, seed: int) -> Orbit:
    """About points of the surface."""
    corners = mesh.vertices[mesh.faces.long()]
    face, u, v = spread_points(cross_products(corners).double().norm(dim=1), _PLACES, offset=(seed / math.e) % 1.0)
    a, b, c = corners[face].to(start.at).unbind(1)
    points = a + u.to(a)[:, None] * (b - a) + v.to(a)[:, None] * (c - a)
    many = _PLACES * _EACH
    steps = 1 + seed * many + np.arange(many)
    share = [torch.from_numpy(halton(steps, base)).to(start.distance) for base in (2, 3, 5)]
    radius = mesh.radius or 1.0
    return start.expand(many).replace(
        at=points.repeat(_EACH, 1),
        distance=radius * _NEAREST * (_FARTHEST / _NEAREST) ** share[0],
        elevation=_LOWEST + (_HIGHEST - _LOWEST) * share[1],
        azimuth=360 * share[2],
    )


def _quick_losses(renderer: Renderer, objective: Objective, candidates: Orbit) -> Tensor:
    """[N], of pictures of the renderer's size; infinite for NaN, and where the look-at point is hidden."""
    judge, losses, hidden = getattr(objective, "quick", objective), [], []
    middle = renderer.resolution[0] // 2, renderer.resolution[1] // 2
    with torch.no_grad():
        for i in range(0, len(candidates), _BATCH):
            some = candidates[i : i + _BATCH]
            render = renderer(some.camera())
            losses.append(checked_losses(judge, render))
            depth = render.depth[:, *middle, 0]
            hidden.append((depth > 0) & (depth < _FREE * some.distance))
    found, behind = (torch.cat(values).to(candidates.device) for values in (losses, hidden))
    behind[0] = False  # the start is the user's
    found = found.nan_to_num(nan=math.inf)
    return found if bool(behind[1:].all()) else found.masked_fill(behind, math.inf)


def _elsewhere(orbit: Orbit) -> Callable[[int], Tensor]:
    """For `best_distinct`: views that look in another direction than one, or from another place."""
    camera = orbit.camera()
    axes, eyes = camera.R[:, :, 2], camera.position
    return lambda i: (axes @ axes[i] <= _COSINE) | ((eyes - eyes[i]).norm(dim=1) > _ASIDE * orbit.distance[i])
