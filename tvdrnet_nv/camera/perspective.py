"""The perspective projection: fields of view, focal lengths, and OpenGL's clip space.

Focal lengths and principal points are in units of half the image's shorter side (PyTorch3D's NDC), so that one camera
renders at any resolution: focal length 1 is a field of view of 90° along the shorter side.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tvdrnet_nv.camera._arguments import check_fields


def focal_from_fov(fov: Tensor) -> Tensor:
    """Return the focal length 1 / tan(fov / 2), in half shorter sides, of fields of view in degrees; any shape."""
    return 1.0 / torch.tan(fov * (math.pi / 360.0))


def fov_from_focal(focal: Tensor) -> Tensor:
    """Return the field of view 2·atan(1 / focal) in degrees of focal lengths in half shorter sides; any shape."""
    return torch.atan(1.0 / focal) * (360.0 / math.pi)


def perspective(focal: Tensor, principal: Tensor, aspect: float, near: float, far: float) -> Tensor:
    """Return the OpenGL projection matrix: view (+x right, +y up, −z forward) to clip space, column vectors.

    A point at depth `near` gets z/w = −1, one at depth `far` +1, and w is the depth. x/w = +1 is the image's right
    edge, y/w = +1 its top.

    Args:
        focal: [B, 2] (fx, fy), half shorter sides.
        principal: [B, 2], half shorter sides, +x left and +y up from the image's centre, as in PyTorch3D.
        aspect: The image's width / height.
        near: Depth of the near clip plane, scene units.
        far: Depth of the far clip plane, scene units.

    Returns:
        [B, 4, 4], the dtype and device of `focal`.

    Raises:
        TypeError: A tensor is not float32 or float64, or the dtypes differ.
        ValueError: Shapes or devices do not match, aspect <= 0, or not 0 < near < far.
    """
    check_fields("perspective", {"focal": (focal, (2,)), "principal": (principal, (2,))})
    check_clip_planes(near, far)
    sx, sy = image_scales(aspect)
    a, b = depth_coefficients(near, far)
    fx, fy = (focal[:, 0] * sx, focal[:, 1] * sy)
    px, py = (principal[:, 0] * sx, principal[:, 1] * -sy)
    zero = torch.zeros_like(fx)
    rows = [
        [fx, zero, px, zero],
        [zero, fy, py, zero],
        [zero, zero, zero - a, zero + b],
        [zero, zero, zero - 1.0, zero],
    ]
    return torch.stack([entry for row in rows for entry in row], -1).unflatten(-1, (4, 4))


def image_scales(aspect: float) -> tuple[float, float]:
    """Return what turns half shorter sides into clip units along x and y, for aspect = width / height.

    Raises:
        ValueError: `aspect` is not positive and finite.
    """
    if not (aspect > 0 and math.isfinite(aspect)):
        raise ValueError(f"aspect (width / height) must be positive and finite, got {aspect}")
    return (1.0 / aspect, 1.0) if aspect >= 1 else (1.0, float(aspect))


def depth_coefficients(near: float, far: float) -> tuple[float, float]:
    """Return (a, b) with clip z = a · depth + b, which is −depth at `near` and +depth at `far`."""
    return (far + near) / (far - near), -2.0 * far * near / (far - near)


def check_clip_planes(near: float, far: float) -> None:
    """Check 0 < near < far.

    Raises:
        TypeError: One is not a number.
        ValueError: They are out of order, not positive, or not finite.
    """
    for name, value in (("near", near), ("far", far)):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{name} must be a float, got {type(value).__name__}")
    if not (near > 0 and math.isfinite(near)):
        raise ValueError(f"near must be positive and finite, got {near}")
    if not (far > near and math.isfinite(far)):
        raise ValueError(f"far must be finite and greater than near ({near}), got {far}")
