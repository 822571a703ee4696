"""Names that cameras had before PyTorch3D 0.4; public in `pytorch3d.renderer.cameras`."""

from __future__ import annotations

import warnings
from typing import Any

from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.renderer._cameras_base import IDENTITY, NOWHERE
from tvdrnet_nv.compat.pytorch3d.renderer._focal_cameras import OrthographicCameras, PerspectiveCameras
from tvdrnet_nv.compat.pytorch3d.renderer._fov_cameras import FoVOrthographicCameras, FoVPerspectiveCameras

__all__ = [
    "OpenGLOrthographicCameras",
    "OpenGLPerspectiveCameras",
    "SfMOrthographicCameras",
    "SfMPerspectiveCameras",
]


def _renamed(old: str, new: type) -> None:
    warnings.warn(f"{old} is deprecated, use {new.__name__} instead", PendingDeprecationWarning, stacklevel=3)


def OpenGLPerspectiveCameras(
    znear: Any = 1.0,
    zfar: Any = 100.0,
    aspect_ratio: Any = 1.0,
    fov: Any = 60.0,
    degrees: bool = True,
    R: Tensor = IDENTITY,
    T: Tensor = NOWHERE,
    device: Device = "cpu",
) -> FoVPerspectiveCameras:
    """`FoVPerspectiveCameras`, with a PendingDeprecationWarning."""
    _renamed("OpenGLPerspectiveCameras", FoVPerspectiveCameras)
    return FoVPerspectiveCameras(znear, zfar, aspect_ratio, fov, degrees, R, T, device=device)


def OpenGLOrthographicCameras(
    znear: Any = 1.0,
    zfar: Any = 100.0,
    top: Any = 1.0,
    bottom: Any = -1.0,
    left: Any = -1.0,
    right: Any = 1.0,
    scale_xyz: Any = ((1.0, 1.0, 1.0),),
    R: Tensor = IDENTITY,
    T: Tensor = NOWHERE,
    device: Device = "cpu",
) -> FoVOrthographicCameras:
    """`FoVOrthographicCameras` by the borders of its box, with a PendingDeprecationWarning."""
    _renamed("OpenGLOrthographicCameras", FoVOrthographicCameras)
    return FoVOrthographicCameras(znear, zfar, top, bottom, right, left, scale_xyz, R, T, device=device)


def SfMPerspectiveCameras(
    focal_length: Any = 1.0,
    principal_point: Any = ((0.0, 0.0),),
    R: Tensor = IDENTITY,
    T: Tensor = NOWHERE,
    device: Device = "cpu",
) -> PerspectiveCameras:
    """`PerspectiveCameras` in NDC, with a PendingDeprecationWarning."""
    _renamed("SfMPerspectiveCameras", PerspectiveCameras)
    return PerspectiveCameras(focal_length, principal_point, R, T, device=device)


def SfMOrthographicCameras(
    focal_length: Any = 1.0,
    principal_point: Any = ((0.0, 0.0),),
    R: Tensor = IDENTITY,
    T: Tensor = NOWHERE,
    device: Device = "cpu",
) -> OrthographicCameras:
    """`OrthographicCameras` in NDC, with a PendingDeprecationWarning."""
    _renamed("SfMOrthographicCameras", OrthographicCameras)
    return OrthographicCameras(focal_length, principal_point, R, T, device=device)
