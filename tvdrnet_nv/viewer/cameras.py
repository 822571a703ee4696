"""Cameras as the browser has them: a pose about the mesh's origin, OpenCV's axes, and a vertical field of view."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from tvdrnet_nv.io.cameras import Lens, NamedCamera
from tvdrnet_nv.io.cameras.record import quaternion_of_rotation, rigid, rotation_of_quaternion
from tvdrnet_nv.mesh import Mesh


@dataclass(frozen=True)
class BrowserCamera:
    """A camera on the page.

    Attributes:
        wxyz: float64 [4], the quaternion of the rotation from camera to world; camera axes +x right, +y down,
            +z forward.
        position: float64 [3], in the mesh's frame.
        fov_y: radians, the vertical field of view.
        aspect: the picture's width / height.
    """

    wxyz: np.ndarray
    position: np.ndarray
    fov_y: float
    aspect: float

    @property
    def forward(self) -> np.ndarray:
        """float64 [3], the viewing direction."""
        return rotation_of_quaternion("the browser's camera", *self.wxyz)[:, 2]


def to_browser(camera: NamedCamera, mesh: Mesh) -> BrowserCamera:
    """A camera in the file's coordinates, as the page has it. A principal point off the middle is left out."""
    pose, lens = camera.camera_to_world, camera.lens
    fov_y = 2 * math.atan(lens.height / 2 / lens.fy)
    position = pose[:3, 3] - np.array(mesh.origin)
    return BrowserCamera(quaternion_of_rotation(pose[:3, :3]), position, fov_y, lens.width / lens.height)


def from_browser(camera: BrowserCamera, mesh: Mesh, longer: int, name: str = "view") -> NamedCamera:
    """A camera of the page in the file's coordinates, for pictures of its aspect whose longer side has so many pixels.

    Raises:
        InputError: the quaternion is zero or not finite.
    """
    aspect = camera.aspect if math.isfinite(camera.aspect) and camera.aspect > 0 else 1.0
    width, height = (longer, longer / aspect) if aspect > 1 else (longer * aspect, longer)
    width, height = max(1, round(width)), max(1, round(height))
    focal = height / 2 / math.tan(camera.fov_y / 2)
    rotation = rotation_of_quaternion("the browser's camera", *camera.wxyz)
    pose = rigid(rotation, np.asarray(camera.position, dtype=np.float64) + np.array(mesh.origin))
    return NamedCamera(name, pose, Lens(focal, focal, width / 2, height / 2, width, height))


def at_longer_side(camera: NamedCamera, longer: int) -> NamedCamera:
    """The same camera for pictures whose longer side has so many pixels, or as many as it has where these are fewer."""
    fx, fy, cx, cy, width, height = camera.lens
    factor = min(1.0, longer / max(width, height))
    new_width, new_height = max(1, round(width * factor)), max(1, round(height * factor))
    x, y = new_width / width, new_height / height
    return replace(camera, lens=Lens(fx * x, fy * y, cx * x, cy * y, new_width, new_height))
