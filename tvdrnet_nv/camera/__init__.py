"""Cameras: the matrices between the world, the view and the image, differentiable in every parameter.

`Orbit` holds what an optimisation moves (distance, elevation, azimuth, fov, look-at point); `Camera` holds what a
renderer needs (the pose and the lens) and converts to and from PyTorch3D, OpenGL, OpenCV and 4×4 camera-to-world
matrices. Both are `Viewpoint`s. `parameters` has the table of what can be optimised. The
conventions stand in docs/conventions.md.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tvdrnet_nv.camera.camera import Camera, OpenCVCamera, OpenGLCamera, PyTorch3DCamera
    from tvdrnet_nv.camera.look_at import (
        camera_position_from_spherical_angles,
        look_at_rotation,
        look_at_view_transform,
    )
    from tvdrnet_nv.camera.orbit import Orbit
    from tvdrnet_nv.camera.orbit_frame import OrbitFrame
    from tvdrnet_nv.camera.path import camera_path
    from tvdrnet_nv.camera.perspective import focal_from_fov, fov_from_focal
    from tvdrnet_nv.camera.rotation import orthonormal, rotation_from_vector, vector_from_rotation
    from tvdrnet_nv.camera.viewpoint import Viewpoint, ViewpointT, concatenate

# Imported on first use: the command line reads the table of parameters without waiting for torch.
_HOMES = {
    "Camera": "camera",
    "OpenCVCamera": "camera",
    "OpenGLCamera": "camera",
    "Orbit": "orbit",
    "OrbitFrame": "orbit_frame",
    "PyTorch3DCamera": "camera",
    "Viewpoint": "viewpoint",
    "ViewpointT": "viewpoint",
    "camera_path": "path",
    "camera_position_from_spherical_angles": "look_at",
    "concatenate": "viewpoint",
    "focal_from_fov": "perspective",
    "fov_from_focal": "perspective",
    "look_at_rotation": "look_at",
    "look_at_view_transform": "look_at",
    "orthonormal": "rotation",
    "rotation_from_vector": "rotation",
    "vector_from_rotation": "rotation",
}

__all__ = [
    "Camera",
    "OpenCVCamera",
    "OpenGLCamera",
    "Orbit",
    "OrbitFrame",
    "PyTorch3DCamera",
    "Viewpoint",
    "ViewpointT",
    "camera_path",
    "camera_position_from_spherical_angles",
    "concatenate",
    "focal_from_fov",
    "fov_from_focal",
    "look_at_rotation",
    "look_at_view_transform",
    "orthonormal",
    "rotation_from_vector",
    "vector_from_rotation",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
