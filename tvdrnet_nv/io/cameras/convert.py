"""Between a file's record, in float64 and pixels, and the library's `Camera`: in this place only."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from tvdrnet_nv.camera import Camera, Viewpoint
from tvdrnet_nv.io.cameras.record import Lens, NamedCamera, inverse


def to_camera(record: NamedCamera, origin: np.ndarray | None = None) -> Camera:
    """One camera, float32 on the CPU; distortion is left out.

    Args:
        record: a camera in its file's world.
        origin: float64 [3], the file's coordinates of the zero of the library's world; zeros by default. It is
            subtracted in float64.
    """
    pose = record.camera_to_world.copy()
    if origin is not None:
        pose[:3, 3] -= np.asarray(origin, dtype=np.float64)
    matrix = inverse(pose)
    R, t, K = (torch.from_numpy(x).float() for x in (matrix[:3, :3], matrix[:3, 3], record.calibration(0.5)))
    return Camera.from_opencv(R, t, K, record.size)


def from_camera(
    viewpoint: Viewpoint, size: tuple[int, int], name: str = "camera", origin: np.ndarray | None = None
) -> NamedCamera:
    """The record of one camera for pictures of `size` = (height, width); `origin` as in `to_camera`, and added."""
    camera = viewpoint.camera().detach().to("cpu")
    if len(camera) != 1:
        raise ValueError(f"wanted one camera, got {len(camera)}")
    wide = Camera(*(getattr(camera, field).double() for field in ("R", "T", "focal", "principal")))
    R, t, K = (tensor[0].numpy() for tensor in wide.to_opencv(size))
    U, _, V = np.linalg.svd(R)
    R = U @ V
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = R.T, -R.T @ t
    if origin is not None:
        pose[:3, 3] += np.asarray(origin, dtype=np.float64)
    lens = Lens(float(K[0, 0]), float(K[1, 1]), float(K[0, 2]), float(K[1, 2]), size[1], size[0])
    return NamedCamera(name, pose, lens)


def moved(record: NamedCamera, viewpoint: Viewpoint, origin: np.ndarray | None = None) -> NamedCamera:
    """`record` with the pose, focal length and principal point of a camera of the library; the rest stays.

    A lens that differs by rounding to float32 only is the record's own.
    """
    found = from_camera(viewpoint, record.size, record.name, origin)
    same = np.allclose(found.lens, record.lens, rtol=2e-6, atol=2e-6 * max(record.size))
    return replace(record, camera_to_world=found.camera_to_world, lens=record.lens if same else found.lens)
