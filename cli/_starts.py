"""The cameras that an optimisation starts from."""

from __future__ import annotations

from tvdrnet_nv.camera import Camera, Orbit, OrbitFrame
from tvdrnet_nv.objectives import Objective
from tvdrnet_nv.optimization import search_orbit, visible_centers
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.starts import spread_starts


def starting_cameras(
    renderer: Renderer,
    start: Orbit | Camera,
    objective: Objective,
    count: int,
    *,
    search: bool,
    seed: int,
) -> Orbit | Camera:
    """Up to `count` cameras, of the kind of `start`: around it, or the best of a search all around.

    A `Camera` is taken around the point in the middle of its view; a search keeps its lens, and takes it upright.
    """
    if isinstance(start, Orbit):
        if search:
            return search_orbit(renderer, objective, start, count)
        return spread_starts(start, count, seed=seed)
    reach = (visible_centers(renderer, start) - start.position).norm(dim=1)
    if not search:
        return spread_starts(start, count, seed=seed, distance=reach)
    orbits = search_orbit(renderer, objective, OrbitFrame(start, reach).orbits, count)
    return orbits.camera().replace(
        focal=start.focal.expand(len(orbits), 2), principal=start.principal.expand(len(orbits), 2)
    )
