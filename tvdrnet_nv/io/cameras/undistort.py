"""A picture as a pinhole camera would have taken it, through OpenCV (`pip install tvdrnet_nv[cameras]`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.record import NamedCamera


def opencv_module(what: str) -> Any:
    """The module cv2.

    Raises:
        InputError: it is not installed; `what` says what needs it.
    """
    try:
        import cv2
    except ImportError:
        raise InputError(f"{what} needs OpenCV; type: pip install 'tvdrnet_nv[cameras]'") from None
    return cv2


def undistorted(picture: np.ndarray, camera: NamedCamera) -> np.ndarray:
    """The picture without its lens's distortion: the same focal lengths, principal point and size.

    Args:
        picture: float32 [H, W, 3] or [H, W, 4]; of the camera's size, or of that size scaled.
        camera: with distortion.

    Returns:
        float32 [H, W, 4]: alpha is 0 where the picture shows nothing.

    Raises:
        InputError: OpenCV is not installed.
    """
    distortion = camera.distortion
    assert distortion is not None
    cv2 = opencv_module(f"camera {camera.name}: undistorting its picture ({distortion.model} model)")
    height, width = picture.shape[:2]
    scale = np.array([[width / camera.lens.width], [height / camera.lens.height], [1.0]])
    K = camera.calibration(0.5) * scale
    K[:2, 2] -= 0.5  # cv2's pixels
    D = np.array(distortion.parameters)
    make = cv2.fisheye.initUndistortRectifyMap if distortion.model == "fisheye" else cv2.initUndistortRectifyMap
    columns, rows = make(K, D, np.eye(3), K, (width, height), cv2.CV_32FC1)
    alpha = np.ones((height, width, 1), np.float32) if picture.shape[2] == 3 else picture[..., 3:]
    rgba = np.concatenate([picture[..., :3], alpha], 2).astype(np.float32)
    out = cv2.remap(rgba, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    inside = (columns >= 0) & (columns <= width - 1) & (rows >= 0) & (rows <= height - 1)
    out[..., 3] *= inside
    return out
