"""`look_at_rotation` and `look_at_view_transform`, with PyTorch3D's answers at the poles."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tvdrnet_nv.camera import look_at
from tvdrnet_nv.camera._arguments import Device, Values, as_tensors

# As in tvdrnet_nv.camera.look_at: `up` counts as parallel to the viewing direction below this many rounding errors.
_PARALLEL_EPS = 64.0


def look_at_rotation(
    camera_position: Values, at: Values = look_at.ORIGIN, up: Values = look_at.UP, device: Device = None
) -> Tensor:
    """R of cameras at `camera_position`, as `tvdrnet_nv.camera.look_at_rotation`.

    With one difference, as in PyTorch3D: a camera that misses the pole by a rounding error is turned upright, too. Only
    where `up` is exactly parallel to the viewing direction has the world's +x axis a say.

    Arguments, shapes and errors are those of `tvdrnet_nv.camera.look_at_rotation`.
    """
    R = look_at.look_at_rotation(camera_position, at, up, device)
    with torch.no_grad():
        eye, at, up = as_tensors({"eye": camera_position, "at": at, "up": up}, dtype=R.dtype, device=R.device)
        towards, upwards = (torch.nn.functional.normalize(v, dim=-1).expand(len(R), 3) for v in (at - eye, up))
        x = torch.linalg.cross(upwards, towards)
        sine = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
        near = (sine > 0) & (sine <= _PARALLEL_EPS * torch.finfo(R.dtype).eps)
        x = x / torch.where(near, sine, 1.0)
        upright = torch.stack([x, torch.linalg.cross(towards, x), towards], dim=-1)
    return torch.where(near[..., None], upright, R)


def look_at_view_transform(
    dist: Values = 1.0,
    elev: Values = 0.0,
    azim: Values = 0.0,
    degrees: bool = True,
    eye: Values | None = None,
    at: Values = look_at.ORIGIN,
    up: Values = look_at.UP,
    device: Device = None,
) -> tuple[Tensor, Tensor]:
    """R and T of cameras by spherical angles about `at`, or by `eye`, as `tvdrnet_nv.camera.look_at_view_transform`.

    With one difference: at elevation ±90° in float32, whose cosine rounds to a number below zero, PyTorch3D's camera is
    past the pole and turned upright again, by 180 degrees about its axis. So it is here: there the result is the limit
    along the azimuth on that side of the pole on which the rounded angle is.

    Arguments, shapes and errors are those of `tvdrnet_nv.camera.look_at_view_transform`.
    """
    if eye is not None:
        R = look_at_rotation(eye, at, up, device)
        (position,) = as_tensors({"eye": eye}, dtype=R.dtype, device=R.device)
        return R, look_at.translation_from(R, position.expand(len(R), 3))
    R, T = look_at.look_at_view_transform(dist, elev, azim, degrees, eye, at, up, device)
    with torch.no_grad():
        angles, upwards = as_tensors({"elev": elev, "up": up}, dtype=R.dtype, device=R.device)
        cosine = torch.cos(angles * (math.pi / 180.0) if degrees else angles)
        upwards = torch.nn.functional.normalize(upwards.reshape(-1, 3), dim=1).expand(len(R), 3)
        sine = torch.linalg.vector_norm(torch.linalg.cross(upwards, R[:, :, 2]), dim=1)
        past = (sine <= _PARALLEL_EPS * torch.finfo(R.dtype).eps) & (cosine < 0)
        turn = torch.ones_like(T)
        turn[past, :2] = -1.0
    return R * turn[:, None], T * turn
