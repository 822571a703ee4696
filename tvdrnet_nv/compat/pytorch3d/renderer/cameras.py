"""`pytorch3d.renderer.cameras`: the cameras, and where they stand."""

from tvdrnet_nv.camera.look_at import camera_position_from_spherical_angles
from tvdrnet_nv.compat.pytorch3d.renderer._cameras_base import (
    CamerasBase,
    get_ndc_to_screen_transform,
    get_screen_to_ndc_transform,
    get_world_to_view_transform,
    try_get_projection_transform,
)
from tvdrnet_nv.compat.pytorch3d.renderer._focal_cameras import OrthographicCameras, PerspectiveCameras
from tvdrnet_nv.compat.pytorch3d.renderer._fov_cameras import FoVOrthographicCameras, FoVPerspectiveCameras
from tvdrnet_nv.compat.pytorch3d.renderer._look_at import look_at_rotation, look_at_view_transform
from tvdrnet_nv.compat.pytorch3d.renderer._old_cameras import (
    OpenGLOrthographicCameras,
    OpenGLPerspectiveCameras,
    SfMOrthographicCameras,
    SfMPerspectiveCameras,
)

__all__ = [
    "CamerasBase",
    "FoVOrthographicCameras",
    "FoVPerspectiveCameras",
    "OpenGLOrthographicCameras",
    "OpenGLPerspectiveCameras",
    "OrthographicCameras",
    "PerspectiveCameras",
    "SfMOrthographicCameras",
    "SfMPerspectiveCameras",
    "camera_position_from_spherical_angles",
    "get_ndc_to_screen_transform",
    "get_screen_to_ndc_transform",
    "get_world_to_view_transform",
    "look_at_rotation",
    "look_at_view_transform",
    "try_get_projection_transform",
]
