"""The cameras that an optimisation starts from."""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.camera import Orbit, OrbitFrame, Viewpoint
from tvdrnet_nv.objectives import FocusOn, ImageText, Objective
from tvdrnet_nv.optimization import search_focus, search_orbit, search_scene, visible_centers
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.starts import spread_starts


def searched_starts(
    renderer: Renderer, start: Viewpoint, objective: Objective, count: int, *, parameters: tuple[str, ...]
) -> Viewpoint:
    """Up to `count` cameras, of the kind of `start`: the best of a search all around.

    For a `Camera`, the search is around the point in the middle of its view, or the middle of a focus. It keeps the
    lens, and holds the camera upright.

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
        if isinstance(objective, ImageText):
            return search_scene(renderer, objective, start, count)
        return search_orbit(renderer, objective, start, count)
    around = OrbitFrame(start, _viewing_distance(renderer, start)).orbits
    if isinstance(objective, FocusOn):
        around = around.replace(at=objective.center[None])
        found = search_focus(objective, around, count, resolution=renderer.resolution).camera()
    elif isinstance(objective, ImageText):
        found = search_scene(renderer, objective, around, count).camera()
    else:
        found = search_orbit(renderer, objective, around, count).camera()
    return start.camera().expand(len(found)).replace(R=found.R, T=found.T)


def spread_around(renderer: Renderer, start: Viewpoint, count: int, *, seed: int) -> Viewpoint:
    """`count` cameras of the kind of `start`: itself and others near it; see `spread_starts`."""
    distance = None if isinstance(start, Orbit) else _viewing_distance(renderer, start)
    return spread_starts(start, count, seed=seed, distance=distance)


def _viewing_distance(renderer: Renderer, start: Viewpoint) -> Tensor:
    """[1]: from the camera to the point in the middle of its view, scene units."""
    camera = start.camera()
    return (visible_centers(renderer, camera) - camera.position).norm(dim=1)
