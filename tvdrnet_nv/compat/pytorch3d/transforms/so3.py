"""Rotations [N, 3, 3] and their logarithms [N, 3], the axis times the angle in radians. Matrices act on columns."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.transforms.rotation_conversions import axis_angle_to_matrix, matrix_to_axis_angle

__all__ = [
    "hat",
    "hat_inv",
    "so3_exp_map",
    "so3_exponential_map",
    "so3_log_map",
    "so3_relative_angle",
    "so3_rotation_angle",
]


def hat(v: Tensor) -> Tensor:
    """[N, 3] to the skew-symmetric matrices [N, 3, 3] with hat(v) @ w = v × w.

    Raises:
        ValueError: another shape.
    """
    if v.dim() != 2 or v.shape[1] != 3:
        raise ValueError("Input vectors have to be 3-dimensional.")
    x, y, z = v.unbind(1)
    zero = torch.zeros_like(x)
    rows = [[zero, -z, y], [z, zero, -x], [-y, x, zero]]
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)


def hat_inv(h: Tensor) -> Tensor:
    """Skew-symmetric matrices [N, 3, 3] to [N, 3]: the inverse of `hat`.

    Raises:
        ValueError: another shape, or a matrix that is not skew-symmetric.
    """
    if h.dim() != 3 or h.shape[1:] != (3, 3):
        raise ValueError("Input has to be a batch of 3x3 Tensors.")
    if float((h + h.transpose(1, 2)).detach().abs().max() if len(h) else 0.0) > 1e-5:
        raise ValueError("One of input matrices is not skew-symmetric.")
    return torch.stack([h[:, 2, 1], h[:, 0, 2], h[:, 1, 0]], dim=1)


def so3_exp_map(log_rot: Tensor, eps: float = 0.0001) -> Tensor:
    """[N, 3] to [N, 3, 3]. Exact and smooth at zero too: `eps` is not needed."""
    if log_rot.dim() != 2 or log_rot.shape[1] != 3:
        raise ValueError(f"Input tensor shape has to be Nx3. Got {list(log_rot.shape)}")
    return axis_angle_to_matrix(log_rot)


so3_exponential_map = so3_exp_map


def so3_log_map(R: Tensor, eps: float = 0.0001, cos_bound: float = 1e-4) -> Tensor:
    """[N, 3, 3] to [N, 3]. Exact for angles up to π: `eps` and `cos_bound` are not needed."""
    if R.dim() != 3 or R.shape[1:] != (3, 3):
        raise ValueError(f"Input has to be a batch of 3x3 Tensors. Got {list(R.shape)}")
    return matrix_to_axis_angle(R)


def so3_rotation_angle(R: Tensor, eps: float = 1e-4, cos_angle: bool = False, cos_bound: float = 1e-4) -> Tensor:
    """The angles [N] in radians of [N, 3, 3], or their cosines.

    Args:
        R: rotations.
        eps: how far the trace may lie outside [-1, 3].
        cos_angle: whether the cosine is wanted, which is smooth at zero.
        cos_bound: not needed; the angle is found from sine and cosine.
    """
    trace = R.diagonal(dim1=-2, dim2=-1).sum(-1)
    if bool(((trace < -1.0 - eps) | (trace > 3.0 + eps)).any()):
        raise ValueError("A matrix has trace outside valid range [-1-eps, 3+eps].")
    cosine = (trace - 1.0) * 0.5
    if cos_angle:
        return cosine
    twice_sine = torch.stack(
        [R[..., 2, 1] - R[..., 1, 2], R[..., 0, 2] - R[..., 2, 0], R[..., 1, 0] - R[..., 0, 1]], -1
    )
    return torch.atan2(torch.linalg.vector_norm(twice_sine, dim=-1) / 2, cosine)


def so3_relative_angle(
    R1: Tensor, R2: Tensor, cos_angle: bool = False, cos_bound: float = 1e-4, eps: float = 1e-4
) -> Tensor:
    """The angles [N] in radians, or their cosines, of the rotations between R1 and R2, [N, 3, 3] each."""
    return so3_rotation_angle(R1 @ R2.transpose(1, 2), eps=eps, cos_angle=cos_angle, cos_bound=cos_bound)
