"""Rotations and calibrations of other conventions, to and from PyTorch3D's. Pure functions of tensors."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.camera.look_at import translation_from

# Written with few decimals, a rotation is off by about this much; a scaled or sheared matrix by far more.
_ROTATION_TOLERANCE = 1e-3


def flip_view_xy(R: Tensor, T: Tensor) -> tuple[Tensor, Tensor]:
    """Turn the view frame by 180° about its z axis: PyTorch3D's (+x left, +y up) to OpenCV's (+x right, +y down).

    R is [B, 3, 3] for row vectors (`x_view = x_world @ R + T`), T is [B, 3]. Its own inverse, and exact.
    """
    return torch.cat([-R[:, :, :2], R[:, :, 2:]], -1), torch.cat([-T[:, :2], T[:, 2:]], -1)


def calibration_to_pixels(focal: Tensor, principal: Tensor, image_size: tuple[int, int]) -> Tensor:
    """Return OpenCV's K [B, 3, 3] in pixels, (0, 0) being the top left corner of the image.

    Args:
        focal: [B, 2], half shorter sides.
        principal: [B, 2], half shorter sides, +x left, +y up.
        image_size: (H, W) in pixels.
    """
    height, width = check_image_size(image_size)
    half = min(height, width) / 2.0
    fx, fy = (focal * half).unbind(-1)
    px, py = (principal * half).unbind(-1)
    zero, one = torch.zeros_like(fx), torch.ones_like(fx)
    return torch.stack([fx, zero, width / 2.0 - px, zero, fy, height / 2.0 - py, zero, zero, one], -1).unflatten(
        -1, (3, 3)
    )


def calibration_from_pixels(K: Tensor, image_size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return (focal [B, 2], principal [B, 2]) in half shorter sides; the inverse of `calibration_to_pixels`.

    Raises:
        ValueError: K has skew, its last row is not (0, 0, 1), a focal length is not positive, or `image_size` is bad.
    """
    height, width = check_image_size(image_size)
    entries = K.detach()
    skew = entries[:, 0, 1].abs() + entries[:, 1, 0].abs() + entries[:, 2, :2].abs().sum(-1)
    good = (skew == 0) & (entries[:, 2, 2] == 1) & (entries[:, 0, 0] > 0) & (entries[:, 1, 1] > 0)
    good &= torch.isfinite(entries).flatten(1).all(-1)
    if not bool(good.all()):
        camera = int((~good).nonzero()[0, 0])
        raise ValueError(
            "K must be [[fx, 0, cx], [0, fy, cy], [0, 0, 1]] with fx, fy > 0, "
            f"got {entries[camera].tolist()} for camera {camera}"
        )
    half = min(height, width) / 2.0
    focal = torch.stack([K[:, 0, 0], K[:, 1, 1]], -1) / half
    principal = torch.stack([width / 2.0 - K[:, 0, 2], height / 2.0 - K[:, 1, 2]], -1) / half
    return focal, principal


def view_to_camera_to_world(R: Tensor, T: Tensor) -> Tensor:
    """Return [B, 4, 4] camera-to-world matrices, column vectors, camera axes as OpenGL: +x right, +y up, −z forward."""
    left, up, forward = R.unbind(-1)
    position = -(R * T[:, None, :]).sum(-1)
    upper = torch.stack([-left, up, -forward, position], -1)
    return torch.cat([upper, last_row(upper)], 1)


def camera_to_world_to_view(camera_to_world: Tensor) -> tuple[Tensor, Tensor]:
    """Return PyTorch3D's (R [B, 3, 3], T [B, 3]); the inverse of `view_to_camera_to_world`.

    Raises:
        ValueError: A last row is not (0, 0, 0, 1), or the upper left 3×3 is not a rotation.
    """
    right, up, back, position = camera_to_world[:, :3].unbind(-1)
    bottom = camera_to_world.detach()[:, 3:]
    if not torch.equal(bottom, last_row(bottom)):
        raise ValueError(f"camera_to_world must have the last row (0, 0, 0, 1), got {bottom[:, 0].tolist()}")
    R = torch.stack([-right, up, -back], -1)
    check_rotation("camera_to_world", R)
    check_finite("camera_to_world", position)
    return R, translation_from(R, position)


def last_row(like: Tensor) -> Tensor:
    """Return (0, 0, 0, 1) as [B, 1, 4], filled on the device of `like` [B, ...]."""
    row = like.new_zeros(like.shape[0], 1, 4)
    row[..., 3] = 1.0
    return row


def check_rotation(name: str, R: Tensor) -> None:
    """Check that R [B, 3, 3] are rotations to within 1e-3: orthonormal, and not mirrored.

    Raises:
        ValueError: One is not (or not finite); the message says which and by how much.
    """
    matrix = R.detach()
    columns = matrix.unbind(-1)
    gram = (matrix[:, :, :, None] * matrix[:, :, None, :]).sum(1)
    error = (gram - torch.eye(3, dtype=R.dtype, device=R.device)).abs().amax((1, 2))
    handedness = (torch.linalg.cross(columns[0], columns[1]) * columns[2]).sum(-1)
    good = (error <= _ROTATION_TOLERANCE) & (handedness > 0)
    if not bool(good.all()):
        camera = int((~good).nonzero()[0, 0])
        why = (
            f"it differs from one by {float(error[camera]):.3g}"
            if not float(error[camera]) <= _ROTATION_TOLERANCE
            else "it mirrors (determinant −1)"
        )
        raise ValueError(f"{name} must hold a rotation, but for camera {camera} {why}: {matrix[camera].tolist()}")


def check_finite(name: str, tensor: Tensor) -> None:
    """Check that a batched tensor is finite.

    Raises:
        ValueError: It is not; the message names the first camera.
    """
    good = torch.isfinite(tensor.detach()).flatten(1).all(-1)
    if not bool(good.all()):
        camera = int((~good).nonzero()[0, 0])
        raise ValueError(f"{name} must be finite, got {tensor.detach()[camera].tolist()} for camera {camera}")


def check_image_size(image_size: tuple[int, int]) -> tuple[int, int]:
    """Return (H, W) after checking that both are positive integers.

    Raises:
        ValueError: They are not.
    """
    if len(image_size) != 2 or any(n != int(n) or n <= 0 for n in image_size):
        raise ValueError(f"image_size must be (height, width), two positive integers, got {tuple(image_size)}")
    return int(image_size[0]), int(image_size[1])
