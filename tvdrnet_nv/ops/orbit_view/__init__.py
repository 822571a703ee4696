"""orbit_view: from a camera's place on an orbit to its view. Ours; not in nvdiffrast."""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.ops.backends import backend_of

Orbits = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]
Views = tuple[Tensor, Tensor, Tensor]
WorldAxes = tuple[int, int, int]


def orbit_view(orbits: Orbits, axes: WorldAxes) -> Views:
    """The view of cameras on orbits.

    On the CPU it is one call where torch takes some thirty, which for a few cameras cost more than rendering a small
    image.

    Args:
        orbits: distance [K], elevation [K], azimuth [K], fov [K] in degrees, and at [K, 3]; of one float dtype.
        axes: which axes of a world with y up the world's x, y and z are: 1 to 3, negative for the opposite direction.

    Returns:
        R [K, 3, 3], T [K, 3] with `x_view = x_world @ R + T`, and the focal lengths [K, 2] in half shorter sides.
        Differentiable, forward mode and second derivatives included.
    """
    return backend_of(orbits[0]).function("orbit_view")(orbits, axes)
