"""Rotations as matrices (acting on columns, R @ x), unit quaternions (real part first), axis times angle, Euler angles
in radians, and the first two rows (Zhou et al., "On the Continuity of Rotation Representations", 2019).

All functions are such that `torch.jit.script` takes them: programs do that to PyTorch3D's.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device

__all__ = [
    "axis_angle_to_matrix",
    "axis_angle_to_quaternion",
    "euler_angles_to_matrix",
    "matrix_to_axis_angle",
    "matrix_to_euler_angles",
    "matrix_to_quaternion",
    "matrix_to_rotation_6d",
    "quaternion_apply",
    "quaternion_invert",
    "quaternion_multiply",
    "quaternion_raw_multiply",
    "quaternion_to_axis_angle",
    "quaternion_to_matrix",
    "random_quaternions",
    "random_rotation",
    "random_rotations",
    "rotation_6d_to_matrix",
    "standardize_quaternion",
]


def _matrix(rows: list[list[Tensor]]) -> Tensor:
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)


def quaternion_to_matrix(quaternions: Tensor) -> Tensor:
    """[..., 4] of any length but zero to [..., 3, 3]."""
    w, x, y, z = quaternions.unbind(-1)
    s = 2.0 / (quaternions * quaternions).sum(-1)
    return _matrix(
        [
            [1 - s * (y * y + z * z), s * (x * y - z * w), s * (x * z + y * w)],
            [s * (x * y + z * w), 1 - s * (x * x + z * z), s * (y * z - x * w)],
            [s * (x * z - y * w), s * (y * z + x * w), 1 - s * (x * x + y * y)],
        ]
    )


def matrix_to_quaternion(matrix: Tensor) -> Tensor:
    """[..., 3, 3] to [..., 4] with a real part that is not negative.

    Each row of a symmetric 4x4 matrix of sums of entries is the quaternion times four times one of its components
    (Shepperd 1978); the row of the largest component is divided by it.
    """
    if matrix.shape[-2:] != (3, 3):
        raise ValueError(f"Invalid rotation matrix shape {list(matrix.shape)}")
    a, b, c, d, e, f, g, h, i = matrix.flatten(-2).unbind(-1)
    products = _matrix(
        [
            [1 + a + e + i, h - f, c - g, d - b],
            [h - f, 1 + a - e - i, b + d, c + g],
            [c - g, b + d, 1 - a + e - i, f + h],
            [d - b, c + g, f + h, 1 - a - e + i],
        ]
    )
    largest = products.diagonal(dim1=-2, dim2=-1).argmax(-1)
    index = largest[..., None, None].repeat_interleave(4, dim=-1)
    row = torch.gather(products, -2, index)[..., 0, :]
    # Of a rotation the largest is at least one; a matrix that is none gets no unit quaternion.
    four_squared = torch.gather(row, -1, largest[..., None]).clamp_min(0.01)
    return standardize_quaternion(row / (2 * four_squared.sqrt()))


def standardize_quaternion(quaternions: Tensor) -> Tensor:
    """Of the two quaternions [..., 4] of a rotation the one whose real part is not negative."""
    return torch.where(quaternions[..., :1] < 0, -quaternions, quaternions)


def quaternion_raw_multiply(a: Tensor, b: Tensor) -> Tensor:
    """The product of quaternions [..., 4]."""
    aw, ax, ay, az = a.unbind(-1)
    bw, bx, by, bz = b.unbind(-1)
    return torch.stack(
        [
            aw * bw - ax * bx - ay * by - az * bz,
            aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw,
        ],
        dim=-1,
    )


def quaternion_multiply(a: Tensor, b: Tensor) -> Tensor:
    """The product of quaternions [..., 4], with a real part that is not negative."""
    return standardize_quaternion(quaternion_raw_multiply(a, b))


def quaternion_invert(quaternion: Tensor) -> Tensor:
    """The inverse of unit quaternions [..., 4]."""
    sign = torch.tensor([1.0, -1.0, -1.0, -1.0], dtype=quaternion.dtype, device=quaternion.device)
    return quaternion * sign


def quaternion_apply(quaternion: Tensor, point: Tensor) -> Tensor:
    """Points [..., 3] turned by unit quaternions [..., 4]."""
    if point.shape[-1] != 3:
        raise ValueError(f"Points are not in 3D, {list(point.shape)}")
    pure = torch.nn.functional.pad(point, (1, 0))
    turned = quaternion_raw_multiply(quaternion_raw_multiply(quaternion, pure), quaternion_invert(quaternion))
    return turned[..., 1:]


def axis_angle_to_quaternion(axis_angle: Tensor) -> Tensor:
    """[..., 3], the axis times the angle in radians, to [..., 4]."""
    half = torch.linalg.vector_norm(axis_angle, dim=-1, keepdim=True) / 2
    # sin(h) / 2h; torch.sinc is smooth at 0.
    return torch.cat([half.cos(), axis_angle * (torch.sinc(half / torch.pi) / 2)], dim=-1)


def quaternion_to_axis_angle(quaternions: Tensor) -> Tensor:
    """[..., 4] of unit length to [..., 3], the axis times the angle in radians."""
    sine = torch.linalg.vector_norm(quaternions[..., 1:], dim=-1, keepdim=True)
    half = torch.atan2(sine, quaternions[..., :1])
    return quaternions[..., 1:] / (torch.sinc(half / torch.pi) / 2)


def axis_angle_to_matrix(axis_angle: Tensor, fast: bool = False) -> Tensor:
    """[..., 3], the axis times the angle in radians, to [..., 3, 3]; `fast` makes no difference."""
    return quaternion_to_matrix(axis_angle_to_quaternion(axis_angle))


def matrix_to_axis_angle(matrix: Tensor, fast: bool = False) -> Tensor:
    """[..., 3, 3] to [..., 3], the axis times the angle in radians; `fast` makes no difference."""
    return quaternion_to_axis_angle(matrix_to_quaternion(matrix))


def _check_convention(convention: str) -> None:
    if len(convention) != 3:
        raise ValueError(f"Convention must be three of the letters X, Y and Z; got '{convention}'")
    for letter in convention:
        if letter not in ("X", "Y", "Z"):
            raise ValueError(f"Convention must be three of the letters X, Y and Z; got '{convention}'")
    if convention[1] in (convention[0], convention[2]):
        raise ValueError(f"Invalid convention {convention}: the middle axis must differ from both others")


def _about(axis: str, angle: Tensor) -> Tensor:
    cos, sin, one, zero = angle.cos(), angle.sin(), torch.ones_like(angle), torch.zeros_like(angle)
    if axis == "X":
        return _matrix([[one, zero, zero], [zero, cos, -sin], [zero, sin, cos]])
    if axis == "Y":
        return _matrix([[cos, zero, sin], [zero, one, zero], [-sin, zero, cos]])
    return _matrix([[cos, -sin, zero], [sin, cos, zero], [zero, zero, one]])


def _axis(letter: str) -> int:
    if letter == "X":
        return 0
    return 1 if letter == "Y" else 2


def euler_angles_to_matrix(euler_angles: Tensor, convention: str) -> Tensor:
    """Angles [..., 3] in radians about the three axes of `convention` ('XYZ', …) to [..., 3, 3], the product of the
    three rotations in that order."""
    if len(convention) == 1 and euler_angles.shape[-1] == 1:
        return _about(convention, euler_angles[..., 0])
    if euler_angles.dim() == 0 or euler_angles.shape[-1] != 3:
        raise ValueError("Invalid input euler angles: the last dimension must be 3")
    _check_convention(convention)
    first, second, third = euler_angles.unbind(-1)
    return _about(convention[0], first) @ _about(convention[1], second) @ _about(convention[2], third)


def matrix_to_euler_angles(matrix: Tensor, convention: str) -> Tensor:
    """[..., 3, 3] to the angles [..., 3] in radians about the three axes of `convention`; the middle one is in
    [-π/2, π/2], or in [0, π] where the first and the last axis are the same."""
    _check_convention(convention)
    if matrix.shape[-2:] != (3, 3):
        raise ValueError(f"Invalid rotation matrix shape {list(matrix.shape)}")
    i, j, k = _axis(convention[0]), _axis(convention[1]), _axis(convention[2])
    if i == k:
        k = 3 - i - j
        sign = 1.0 if (j - i) % 3 == 1 else -1.0
        middle = matrix[..., i, i].clamp(-1, 1).acos()
        first = torch.atan2(matrix[..., j, i], -sign * matrix[..., k, i])
        last = torch.atan2(matrix[..., i, j], sign * matrix[..., i, k])
    else:
        sign = 1.0 if (j - i) % 3 == 1 else -1.0
        middle = (sign * matrix[..., i, k]).clamp(-1, 1).asin()
        first = torch.atan2(-sign * matrix[..., j, k], matrix[..., k, k])
        last = torch.atan2(-sign * matrix[..., i, j], matrix[..., i, i])
    return torch.stack([first, middle, last], dim=-1)


def rotation_6d_to_matrix(d6: Tensor) -> Tensor:
    """[..., 6], two vectors, to [..., 3, 3]: its rows are the two made orthonormal, and their cross product."""
    a, b = d6[..., :3], d6[..., 3:]
    x = normalize(a, dim=-1)
    y = normalize(b - (x * b).sum(-1, keepdim=True) * x, dim=-1)
    return torch.stack([x, y, torch.linalg.cross(x, y)], dim=-2)


def matrix_to_rotation_6d(matrix: Tensor) -> Tensor:
    """[..., 3, 3] to [..., 6]: the first two rows."""
    return matrix[..., :2, :].clone().flatten(-2)


def random_quaternions(n: int, dtype: torch.dtype | None = None, device: Device | None = None) -> Tensor:
    """[n, 4]: rotations of equal probability, with a real part that is not negative."""
    return standardize_quaternion(normalize(torch.randn(n, 4, dtype=dtype, device=device), dim=-1))


def random_rotations(n: int, dtype: torch.dtype | None = None, device: Device | None = None) -> Tensor:
    """[n, 3, 3]: rotations of equal probability."""
    return quaternion_to_matrix(random_quaternions(n, dtype, device))


def random_rotation(dtype: torch.dtype | None = None, device: Device | None = None) -> Tensor:
    """[3, 3]: a rotation, all of equal probability."""
    return random_rotations(1, dtype, device)[0]
