"""Where an optimisation starts: a camera that sees the scene, its light, and several cameras around one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, SupportsFloat

import numpy as np
import torch

from tvdrnet_nv.camera import Orbit, OrbitFrame, ViewpointT, concatenate
from tvdrnet_nv.camera._arguments import Values
from tvdrnet_nv.camera.orbit import WORLD_AXES, Up
from tvdrnet_nv.camera.parameters import POSE
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.shading import PhongLight
from tvdrnet_nv.up import guess_up

LIGHT_OFFSET = (2.0, 2.0, -3.0)  # TVDRNet's light, with its camera about the origin

_RADIUS = 2.5  # scene units: in the middle, by its logarithm, of the radii for which the light stands there

FARTHEST_AT = 1e12  # scene units

SPREAD = 60.0  # degrees between the directions from which the start and others around it look
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
    up: Literal["auto"] | Up = "auto",
) -> Orbit:
    """One camera on an orbit about the scene.

    TVDRNet orbits the world's origin with y up, which misses most scans: that is `at="origin", up="y"`.

    Args:
        mesh: the scene.
        distance: scene units; by default, the smallest from which all of the scene is in view, from any angle.
        elevation: degrees.
        azimuth: degrees.
        fov: degrees along the image's shorter side.
        at: the look-at point: the centre of the scene's bounds, the origin of its file's coordinates, or a point of the
            mesh's frame.
        up: the axis of the orbit's pole; "auto" takes `guess_up`'s.

    Returns:
        An `Orbit` of one camera, float32, on the mesh's device.

    Raises:
        TypeError: `mesh` is no `Mesh`, or an angle or a distance is no number.
        ValueError: an unknown word for `at` or `up`, or a number that is not finite or out of range.
    """
    if not isinstance(mesh, Mesh):
        raise TypeError(f"mesh must be a Mesh, as load_mesh gives it; got {type(mesh).__name__}")
    if isinstance(at, str) and at not in ("center", "origin"):
        raise ValueError(f'at must be "center", "origin" or three numbers; got {at!r}')
    if not isinstance(up, str) or (up != "auto" and up not in WORLD_AXES):
        raise ValueError(f"up must be auto, {', '.join(WORLD_AXES)}; got {up!r}")
    if isinstance(at, str):
        point = mesh.center if at == "center" else mesh.center.new_tensor(mesh.from_file((0.0, 0.0, 0.0)))
    else:
        try:
            point = torch.as_tensor(at, dtype=torch.float32, device=mesh.device)
        except (TypeError, ValueError, RuntimeError):
            raise ValueError(f'at must be "center", "origin" or three numbers; got {at!r}') from None
    if point.shape != (3,) or not bool(point.isfinite().all()):
        raise ValueError(f"at must be three finite numbers; got {at!r}")
    if float(point.abs().max()) > FARTHEST_AT:
        raise InputError(f"look-at point {tuple(point.tolist())} is too far out; stay within {FARTHEST_AT:g}")
    if isinstance(fov, bool) or not isinstance(fov, SupportsFloat):
        raise TypeError(f"fov must be a number of degrees, such as 60; got {fov!r}")
    if not 0 < fov < 180:
        raise ValueError(f"fov must be between 0 and 180 degrees, got {fov:g}")
    if distance is None:
        farthest = mesh.radius + float((point - mesh.center).norm())
        distance = farthest / math.sin(math.radians(fov) / 2)
    axis = guess_up(mesh) if up == "auto" else up
    return Orbit.create(distance, elevation, azimuth, fov, at=point, up=axis, device=mesh.device)


def scene_light(orbit: Orbit, mesh: Mesh | None = None) -> PhongLight:
    """TVDRNet's light, (2, 2, -3) from the look-at point in the orbit's frame; for its own orbit exactly its own.

    These are metres in a room. In a scene of another unit, the offset is multiplied by the power of ten nearest to the
    scene's radius in units of 2.5, so that a room in centimetres or millimetres has the same light. It is 1 for radii
    from 0.8 to 7.9, as indoor scans in metres and models of about 1 have.

    Args:
        orbit: cameras that look at one point; the first one's counts.
        mesh: the scene; without it, the offset is (2, 2, -3).

    Raises:
        TypeError: `orbit` is no `Orbit`.
    """
    if not isinstance(orbit, Orbit):
        raise TypeError(f"orbit must be an Orbit, such as scene_orbit gives; got {type(orbit).__name__}")
    offset = torch.tensor(LIGHT_OFFSET, dtype=orbit.dtype, device=orbit.device)
    if mesh is not None and mesh.radius > 0:
        offset = offset * 10.0 ** round(math.log10(mesh.radius / _RADIUS))
    x, y, z = (orbit.at[0] + orbit.frame @ offset).tolist()
    return PhongLight(location=(x, y, z))


def spread_starts(start: ViewpointT, count: int, *, seed: int = 0, distance: Values | None = None) -> ViewpointT:
    """`count` cameras: `start` itself first, then others spread evenly around it.

    They look from directions within 60° of the start's, and the logarithm of the distance is spread evenly within a
    factor of 1.4; field of view, look-at point and up axis are the start's. A larger `count` with the same seed only
    appends.

    Args:
        start: one camera.
        count: how many cameras, at least 1.
        seed: turns them all about the start.
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
    if count == 1:
        return start
    if distance is None and start.parameters is POSE:
        raise ValueError("distance must be given with a Camera: the distance to what it looks at")
    frame = OrbitFrame(start, 1.0 if distance is None else distance)
    others = _around(frame.orbits, count - 1, seed)
    return concatenate([start, frame.viewpoints(others, torch.zeros(count - 1, dtype=torch.int64))])


def _around(start: Orbit, count: int, seed: int) -> Orbit:
    """`count` orbits spread evenly around one."""
    turned, steps = np.random.default_rng(seed).uniform(), np.arange(1, count + 1)
    angle = np.arccos(1 - (1 - math.cos(math.radians(SPREAD))) * halton(steps, 2))
    way = 2 * math.pi * (turned + (math.sqrt(5) - 1) / 2 * steps)
    e, a = (math.radians(float(x)) for x in (start.elevation, start.azimuth))
    out = np.array([math.cos(e) * math.sin(a), math.sin(e), math.cos(e) * math.cos(a)])
    east = np.array([math.cos(a), 0.0, -math.sin(a)])
    sideways = np.outer(np.cos(way), east) + np.outer(np.sin(way), np.cross(out, east))
    x, y, z = (np.cos(angle)[:, None] * out + np.sin(angle)[:, None] * sideways).T
    elevation = torch.as_tensor(np.degrees(np.arcsin(y.clip(-1, 1)))).to(start.distance)
    azimuth = torch.as_tensor(np.degrees(np.arctan2(x, z))).to(start.distance)
    factors = torch.as_tensor(DISTANCE_SPREAD ** (2 * halton(steps, 3) - 1)).to(start.distance)
    return start.expand(count).replace(
        distance=start.distance * factors,
        elevation=elevation.clamp(-ELEVATION_LIMIT, ELEVATION_LIMIT),
        azimuth=azimuth,
    )


def halton(steps: np.ndarray, base: int) -> np.ndarray:
    """Halton's sequence (1960): numbers in (0, 1) that fill it evenly at every length."""
    numbers, rest, share = np.zeros(len(steps)), steps.copy(), 1.0
    while rest.any():
        share /= base
        numbers += share * (rest % base)
        rest //= base
    return numbers
