"""Cameras: the matrices between the world, the view and the image, differentiable in every parameter.

`Orbit` holds what an optimisation moves (distance, elevation, azimuth, fov, look-at point); `Camera` holds what a
renderer needs (rotation, translation, focal length, principal point) and converts to and from PyTorch3D,
OpenGL, OpenCV and 4×4 camera-to-world matrices. The conventions stand in docs/conventions.md.
"""

from tvdrnet_nv.camera.camera import Camera, OpenCVCamera, OpenGLCamera, PyTorch3DCamera
from tvdrnet_nv.camera.look_at import camera_position_from_spherical_angles, look_at_rotation, look_at_view_transform
from tvdrnet_nv.camera.mount import Mount
from tvdrnet_nv.camera.orbit import Orbit
from tvdrnet_nv.camera.perspective import focal_from_fov, fov_from_focal, perspective
from tvdrnet_nv.camera.rotation import orthonormal, rotation_from_vector
from tvdrnet_nv.camera.viewpoint import Viewpoint, concatenate, fields_of, pack, unpack, with_rows

__all__ = [
    "Camera",
    "Mount",
    "OpenCVCamera",
    "OpenGLCamera",
    "Orbit",
    "PyTorch3DCamera",
    "Viewpoint",
    "camera_position_from_spherical_angles",
    "concatenate",
    "fields_of",
    "focal_from_fov",
    "fov_from_focal",
    "look_at_rotation",
    "look_at_view_transform",
    "orthonormal",
    "pack",
    "perspective",
    "rotation_from_vector",
    "unpack",
    "with_rows",
]
