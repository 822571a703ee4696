"""From where a camera stands and what it looks at to its rotation and translation, as PyTorch3D defines them.

View axes are +x left, +y up, +z into the scene; points are row vectors: `x_view = x_world @ R + T`. The functions have
the names, the arguments and the results of `pytorch3d.renderer.cameras`, except where PyTorch3D's result is not a
rotation: where `up` is parallel to the viewing direction (docs/conventions.md says what happens there).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tvdrnet_nv.camera._arguments import Device, Values, as_tensors, broadcast, in_batch

ORIGIN = ((0.0, 0.0, 0.0),)
UP = ((0.0, 1.0, 0.0),)

# `up` counts as parallel to the viewing direction below this many rounding errors of the sine between them.
_PARALLEL_EPS = 64.0


def camera_position_from_spherical_angles(
    distance: Values, elevation: Values, azimuth: Values, degrees: bool = True, device: Device = None
) -> Tensor:
    """Return where a camera on a sphere about the origin stands: distance · (cos e·sin a, sin e, cos e·cos a).

    Args:
        distance: Number or [B], scene units.
        elevation: Number or [B], angle above the plane y = 0.
        azimuth: Number or [B], angle about +y from +z towards +x.
        degrees: Whether the angles are in degrees; otherwise in radians.
        device: Where to put the result; by default where the tensors are.

    Returns:
        [B, 3] positions in the world frame.
    """
    dist, elev, azim = _spherical(distance, elevation, azimuth, degrees, device)
    return dist[:, None] * _direction(elev, azim)


def look_at_rotation(camera_position: Values, at: Values = ORIGIN, up: Values = UP, device: Device = None) -> Tensor:
    """Return the rotation of cameras that stand at `camera_position`, look at `at`, and have `up` upright.

    z = normalize(at − position), x = normalize(up × z), y = z × x; R has the columns x, y, z. Where `up` is parallel
    to z, the world's +x axis points to the image's right instead (the world's +y axis where the camera looks along x).

    Args:
        camera_position: [3] or [B, 3], world frame.
        at: [3] or [B, 3], the look-at point, world frame.
        up: [3] or [B, 3], any length but zero, world frame.
        device: Where to put the result; by default where the tensors are.

    Returns:
        [B, 3, 3] rotations, `x_view = x_world @ R + T`.

    Raises:
        ValueError: A camera stands at its look-at point, `up` is zero, a value is not finite, or shapes do not match.
    """
    tensors = as_tensors({"camera_position": camera_position, "at": at, "up": up}, device=device)
    position, at, up = _vectors(["camera_position", "at", "up"], tensors)
    return _rotation("camera_position", position, at, up, None)


def look_at_view_transform(
    dist: Values = 1.0,
    elev: Values = 0.0,
    azim: Values = 0.0,
    degrees: bool = True,
    eye: Values | None = None,
    at: Values = ORIGIN,
    up: Values = UP,
    device: Device = None,
) -> tuple[Tensor, Tensor]:
    """Return the rotation and translation of cameras given by spherical angles about `at`, or by `eye`.

    As PyTorch3D's function of that name: the angles are measured about +y whatever `up` is, and `up` points up in the
    image on both sides of the poles. At a pole the result is the limit along the azimuth, coming from inside ±90°.
    (`Orbit` does not turn upright beyond the poles: there elevation 100° is upside down, and smooth.)

    Args:
        dist: Number or [B], distance from `at`, scene units.
        elev: Number or [B], elevation above the plane y = at_y.
        azim: Number or [B], azimuth about +y, from +z towards +x.
        degrees: Whether the angles are in degrees; otherwise in radians.
        eye: [3] or [B, 3], world position; overrides dist, elev and azim.
        at: [3] or [B, 3], the look-at point, world frame.
        up: [3] or [B, 3], any length but zero, world frame.
        device: Where to put the result; by default where the tensors are.

    Returns:
        R [B, 3, 3] and T [B, 3], `x_view = x_world @ R + T`.

    Raises:
        ValueError: A camera stands at its look-at point (eye = at, or dist = 0), `up` is zero, a value is not finite,
            or shapes do not match.
    """
    if eye is not None:
        eye, at, up = _vectors(["eye", "at", "up"], as_tensors({"eye": eye, "at": at, "up": up}, device=device))
        rotation = _rotation("eye", eye, at, up, None)
    else:
        tensors = as_tensors({"dist": dist, "elev": elev, "azim": azim, "at": at, "up": up}, device=device)
        angles = [in_batch(n, t) for n, t in zip(["dist", "elev", "azim"], tensors[:3], strict=True)]
        at, up = (in_batch(n, t, 3) for n, t in zip(["at", "up"], tensors[3:], strict=True))
        dist, elev, azim, at, up = broadcast(dist=angles[0], elev=angles[1], azim=angles[2], at=at, up=up)
        if degrees:
            elev, azim = elev * (math.pi / 180.0), azim * (math.pi / 180.0)
        eye = at + dist[:, None] * _direction(elev, azim)
        limit = torch.stack([-azim.cos(), torch.zeros_like(azim), azim.sin()], -1)
        rotation = _rotation("dist", eye, at, up, limit)
    return rotation, translation_from(rotation, eye)


def translation_from(rotation: Tensor, position: Tensor) -> Tensor:
    """Return T [B, 3] of cameras with R [B, 3, 3] at world positions [B, 3]: −Rᵀ position."""
    # Products and sums, not a matrix product, which CUDA may round to 10 bits of mantissa (TF32).
    return -(position[:, :, None] * rotation).sum(1)


def _spherical(distance: Values, elevation: Values, azimuth: Values, degrees: bool, device: Device) -> list[Tensor]:
    dist, elev, azim = as_tensors({"distance": distance, "elevation": elevation, "azimuth": azimuth}, device=device)
    dist, elev, azim = broadcast(
        distance=in_batch("distance", dist), elevation=in_batch("elevation", elev), azimuth=in_batch("azimuth", azim)
    )
    scale = math.pi / 180.0 if degrees else 1.0
    return [dist, elev * scale, azim * scale]


def _direction(elev: Tensor, azim: Tensor) -> Tensor:
    flat = elev.cos()
    return torch.stack([flat * azim.sin(), elev.sin(), flat * azim.cos()], -1)


def _vectors(names: list[str], tensors: list[Tensor]) -> list[Tensor]:
    return broadcast(**{name: in_batch(name, tensor, 3) for name, tensor in zip(names, tensors, strict=True)})


def _rotation(name: str, eye: Tensor, at: Tensor, up: Tensor, limit: Tensor | None) -> Tensor:
    """R [B, 3, 3]; `limit` [B, 3] is the view's x axis where `up` is parallel to the viewing direction."""
    towards = at - eye
    distance = torch.linalg.vector_norm(towards, dim=-1, keepdim=True)
    up_length = torch.linalg.vector_norm(up, dim=-1, keepdim=True)
    _check_lengths(name, eye, distance.detach(), up_length.detach())
    z = towards / distance
    sideways = torch.linalg.cross(up / up_length, z)
    with torch.no_grad():
        sine = torch.linalg.vector_norm(sideways, dim=-1, keepdim=True)
        parallel = sine <= _PARALLEL_EPS * torch.finfo(z.dtype).eps
    # Chosen before the norm, whose gradient at zero would be NaN on the branch not taken too.
    x = torch.where(parallel, _substitute(z) if limit is None else limit, sideways)
    x = x / torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return torch.stack([x, torch.linalg.cross(z, x), z], -1)


def _substitute(z: Tensor) -> Tensor:
    """The view's x axis (left) that has a world axis point to the right: −(e − z(z·e)), e = +x, or +y along x."""
    along_x = z.detach()[:, :1].abs() > 0.9
    right = torch.cat([~along_x, along_x, torch.zeros_like(along_x)], -1).to(z.dtype)
    return z * (z * right).sum(-1, keepdim=True) - right


def _check_lengths(name: str, eye: Tensor, distance: Tensor, up_length: Tensor) -> None:
    far_enough = (distance > 0) & torch.isfinite(distance)
    has_up = (up_length > 0) & torch.isfinite(up_length)
    if bool((far_enough & has_up).all()):
        return
    if not bool(far_enough.all()):
        camera = int((~far_enough).flatten().nonzero()[0, 0])
        if name == "dist" and float(distance[camera]) == 0:
            raise ValueError(f"dist must not be 0, got 0 for camera {camera}: it would stand at its look-at point")
        where = eye.detach()[camera].tolist()
        raise ValueError(f"{name} and at must be finite and differ, got {name} {where} for camera {camera}")
    camera = int((~has_up).flatten().nonzero()[0, 0])
    raise ValueError(f"up must be finite and not zero, got length {float(up_length[camera]):g} for camera {camera}")
