"""Cameras of OpenCV, and ours: x right, y down, z ahead against x left, y up, z ahead."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.renderer._focal_cameras import PerspectiveCameras

__all__ = ["cameras_from_opencv_projection", "opencv_from_cameras_projection"]


def _half_size(image_size: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
    """Half of (width, height) [N, 2], and half of the shorter side [N, 1]."""
    half = image_size.to(like).flip(-1).reshape(-1, 2) / 2
    return half, half.amin(dim=1, keepdim=True)


def cameras_from_opencv_projection(
    R: Tensor, tvec: Tensor, camera_matrix: Tensor, image_size: Tensor
) -> PerspectiveCameras:
    """Perspective cameras in NDC of OpenCV's.

    Args:
        R: [N, 3, 3], with x_view = R @ x_world + tvec.
        tvec: [N, 3].
        camera_matrix: [N, 3, 3], pixels; a skew is left out.
        image_size: [N, 2], height and width in pixels.
    """
    half, shorter = _half_size(image_size, R)
    focal = torch.stack([camera_matrix[:, 0, 0], camera_matrix[:, 1, 1]], dim=1) / shorter
    point = -(camera_matrix[:, :2, 2] - half) / shorter
    turned = R.new_tensor([-1.0, -1.0, 1.0])
    return PerspectiveCameras(
        R=R.transpose(1, 2) * turned,
        T=tvec * turned,
        focal_length=focal,
        principal_point=point,
        image_size=image_size,
        device=R.device,
    )


def opencv_from_cameras_projection(cameras: PerspectiveCameras, image_size: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """R [N, 3, 3], tvec [N, 3] and camera_matrix [N, 3, 3] of perspective cameras in NDC, as OpenCV has them.

    Args:
        cameras: in NDC.
        image_size: [N, 2], height and width in pixels.
    """
    turned = cameras.R.new_tensor([-1.0, -1.0, 1.0])
    half, shorter = _half_size(image_size, cameras.R)
    focal, point = cameras.focal_length * shorter, half - cameras.principal_point * shorter
    matrix = torch.diag_embed(torch.nn.functional.pad(focal, (0, 1), value=1.0))
    matrix = matrix + torch.nn.functional.pad(point[:, :, None], (2, 0, 0, 1))
    return (cameras.R * turned).transpose(1, 2), cameras.T * turned, matrix
