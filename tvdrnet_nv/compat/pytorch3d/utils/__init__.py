"""`pytorch3d.utils`: small shapes, and conversions of cameras."""

from tvdrnet_nv.compat.pytorch3d.utils.camera_conversions import (
    cameras_from_opencv_projection,
    opencv_from_cameras_projection,
)
from tvdrnet_nv.compat.pytorch3d.utils.checkerboard import checkerboard
from tvdrnet_nv.compat.pytorch3d.utils.ico_sphere import ico_sphere
from tvdrnet_nv.compat.pytorch3d.utils.torus import torus

__all__ = [
    "cameras_from_opencv_projection",
    "checkerboard",
    "ico_sphere",
    "opencv_from_cameras_projection",
    "torus",
]
