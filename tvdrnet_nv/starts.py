"""Where an optimisation starts: a camera that sees the scene, its light, and several cameras around one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch

from tvdrnet_nv.camera import Camera, Mount, Orbit, Viewpoint, concatenate
from tvdrnet_nv.camera._arguments import Values
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.shading import PhongLight
from tvdrnet_nv.up import guess_up

LIGHT_OFFSET = (2.0, 2.0, -3.0)  # TVDRNet's light, with its camera about the origin

FARTHEST_AT = 1e12  # scene units

AZIMUTH_SPREAD = 60.0  # degrees to either side
ELEVATION_SPREAD = 25.0  # degrees to either side
ELEVATION_LIMIT = 85.0  # degrees; next to a pole all azimuths look alike
DISTANCE_SPREAD = 1.4  # factor, nearer and farther


def scene_orbit(
    mesh: Mesh,
    *,
    distance: float | None = None,
    elevation: float = 30.0,
    azimuth: float = 45.0,
    fov: float = 60.0,
    at: Literal["center", "origin"] | Sequence[float] = "center",
    up: Literal["auto", "y", "z"] = "auto",
) -> Orbit:
    """One camera on an orbit about the scene.

    TVDRNet orbits the world's origin with y up, which misses most scans: that is `at="origin", up="y"`.

    Args:
        mesh: the scene.
        distance: scene units; by default, the smallest from which all of the scene is in view, from any angle.
        elevation: degrees.
        azimuth: degrees.
        fov: degrees along the image's shorter side.
        at: the look-at point: the centre of the scene's bounds, the world's origin, or a point.
        up: the axis of the orbit's pole; "auto" takes `guess_up`'s.

    Returns:
        An `Orbit` of one camera, float32, on the mesh's device.
    """
    if isinstance(at, str):
        point = mesh.center if at == "center" else torch.zeros_like(mesh.center)
    else:
        point = torch.tensor(at, dtype=torch.float32, device=mesh.device)
    if float(point.abs().max()) > FARTHEST_AT:
        raise InputError(f"look-at point {tuple(point.tolist())} is too far out; stay within {FARTHEST_AT:g}")
    if distance is None:
        reach = mesh.radius + float((point - mesh.center).norm())
        distance = reach / math.sin(math.radians(fov) / 2)
    axis = guess_up(mesh) if up == "auto" else up
    return Orbit.create(distance, elevation, azimuth, fov, at=point, up=axis, device=mesh.device)


def scene_light(orbit: Orbit) -> PhongLight:
    """TVDRNet's light, (2, 2, -3) from the look-at point in the orbit's frame; for its own orbit exactly its own.

    Args:
        orbit: cameras that look at one point; the first one's counts.
    """
    offset = torch.tensor(LIGHT_OFFSET, dtype=orbit.dtype, device=orbit.device)
    x, y, z = (orbit.at[0] + orbit.frame @ offset).tolist()
    return PhongLight(location=(x, y, z))


def spread_starts(start: Viewpoint, count: int, *, seed: int = 0, distance: Values | None = None) -> Viewpoint:
    """`count` cameras: `start` itself first, then cameras at random around it.

    Azimuth and elevation are drawn evenly within ±60° and ±25°, the distance evenly in its logarithm within a factor
    of 1.4; field of view, look-at point and up axis are the start's. A larger `count` with the same seed only appends.

    Args:
        start: one camera.
        count: how many cameras, at least 1.
        seed: of the draw.
        distance: for a `Camera`, how far ahead the point lies that the others look at, scene units. They keep its roll
            and lens.

    Returns:
        `count` cameras of the same kind, on the device and in the dtype of `start`.

    Raises:
        ValueError: `start` is not one camera, `count` is less than 1, or a `Camera` comes without a distance.
    """
    if len(start) != 1:
        raise ValueError(f"start must be one camera, got {len(start)}")
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    if isinstance(start, Camera):
        if distance is None:
            raise ValueError("distance must be given with a Camera: how far ahead is what it looks at?")
        mount = Mount(start, distance)
        others = spread_starts(mount.orbits, count, seed=seed)[1:]
        return concatenate([start, mount.cameras(others, torch.zeros(count - 1, dtype=torch.int64))])
    draws = np.random.default_rng(seed).uniform(-1.0, 1.0, size=(count - 1, 3))
    azimuth, elevation, distance = torch.as_tensor(draws).to(start.distance).unbind(1)
    tilted = (start.elevation + ELEVATION_SPREAD * elevation).clamp(-ELEVATION_LIMIT, ELEVATION_LIMIT)
    return Orbit(
        distance=torch.cat([start.distance, start.distance * DISTANCE_SPREAD**distance]),
        elevation=torch.cat([start.elevation, tilted]),
        azimuth=torch.cat([start.azimuth, start.azimuth + AZIMUTH_SPREAD * azimuth]),
        fov=start.fov.expand(count),
        at=start.at.expand(count, 3),
        up=start.up,
    )
