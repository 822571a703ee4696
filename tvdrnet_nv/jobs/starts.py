"""The cameras that an optimisation starts from."""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.camera import Camera, Orbit, OrbitFrame, Viewpoint
from tvdrnet_nv.objectives import FocusOn, Objective
from tvdrnet_nv.optimization import look_at_points, search_focus, search_orbit
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.starts import spread_starts


def searched_starts(
    renderer: Renderer, start: Viewpoint, objective: Objective, count: int, *, parameters: tuple[str, ...]
) -> Viewpoint:
    """Up to `count` cameras, of the kind of `start`: the best of a search all around.

    For a `Camera`, the search is around the point in the middle of its view. It keeps the lens, and holds the camera
    upright.

    Args:
        renderer: the scene.
        start: one camera.
        objective: what makes a camera good.
        count: how many are wanted.
        parameters: what will move.
    """
    if isinstance(start, Orbit):
        if isinstance(objective, FocusOn):
            return search_focus(objective, start, count, resolution=renderer.resolution, parameters=parameters)
        return search_orbit(renderer, objective, start, count)
    orbits = search_orbit(renderer, objective, OrbitFrame(start, _viewing_distance(renderer, start)).orbits, count)
    return orbits.camera().replace(
        focal=start.focal.expand(len(orbits), 2), principal=start.principal.expand(len(orbits), 2)
    )


def spread_around(renderer: Renderer, start: Viewpoint, count: int, *, seed: int) -> Viewpoint:
    """`count` cameras of the kind of `start`: itself and others near it; see `spread_starts`."""
    if isinstance(start, Orbit):
        return spread_starts(start, count, seed=seed)
    return spread_starts(start, count, seed=seed, distance=_viewing_distance(renderer, start))


def _viewing_distance(renderer: Renderer, start: Camera) -> Tensor:
    """[1]: from the camera to the point in the middle of its view, scene units."""
    return (look_at_points(renderer, start) - start.position).norm(dim=1)
