"""Rotations: the exponential map, and the way back to the group where rounding has left it."""

from __future__ import annotations

import torch
from torch import Tensor

_SMALL = 1e-4  # of the squared angle; below it, three terms of the series are exact in float64


def rotation_from_vector(vector: Tensor) -> Tensor:
    """Return the matrices of rotations about `vector` by its length (Rodrigues' formula, the exponential map of SO(3)).

    Args:
        vector: [..., 3], radians. Differentiable everywhere, at zero too, in forward and in reverse mode.

    Returns:
        [..., 3, 3], for column vectors: x' = R x turns x anticlockwise when seen from the vector's tip.
    """
    x, y, z = vector.unbind(-1)
    squared = vector.square().sum(-1)
    small = squared < _SMALL
    angle = torch.where(small, torch.ones_like(squared), squared).sqrt()
    # sin(a) / a and (1 - cos(a)) / a², the latter without cancellation.
    first = torch.where(small, 1 - squared / 6 + squared.square() / 120, angle.sin() / angle)
    half = 2 * ((angle / 2).sin() / angle).square()
    second = torch.where(small, 0.5 - squared / 24 + squared.square() / 720, half)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).unflatten(-1, (3, 3))
    outer = vector[..., :, None] * vector[..., None, :]
    identity = torch.eye(3, dtype=vector.dtype, device=vector.device)
    # I + first K + second K², with K² = v vᵀ - |v|² I.
    diagonal = (1 - second * squared)[..., None, None] * identity
    return diagonal + first[..., None, None] * cross + second[..., None, None] * outer


def vector_from_rotation(matrices: Tensor) -> Tensor:
    """Return the vectors about which rotations [..., 3, 3] turn, by their lengths in 0..π: `rotation_from_vector`'s
    inverse.

    The quaternion is the eigenvector of Bar-Itzhack's symmetric matrix ("New method for extracting the quaternion",
    2000), which is accurate at every angle. Not differentiable where two eigenvalues are equal.
    """
    (a, b, c), (d, e, f), (g, h, i) = (row.unbind(-1) for row in matrices.unbind(-2))
    rows = [
        [a + e + i, h - f, c - g, d - b],
        [h - f, a - e - i, b + d, c + g],
        [c - g, b + d, e - a - i, f + h],
        [d - b, c + g, f + h, i - a - e],
    ]
    symmetric = torch.stack([torch.stack(row, -1) for row in rows], -2)
    quaternion = torch.linalg.eigh(symmetric)[1][..., -1]
    quaternion = torch.where(quaternion[..., :1] < 0, -quaternion, quaternion)
    axis = quaternion[..., 1:]
    sine = axis.norm(dim=-1, keepdim=True)
    angle = 2 * torch.atan2(sine, quaternion[..., :1])
    return axis * torch.where(sine < torch.finfo(sine.dtype).tiny, 2.0, angle / sine.clamp_min(1e-300))


def orthonormal(matrices: Tensor) -> Tensor:
    """Return the rotations next to [..., 3, 3] that are rotations but for rounding: a Newton step of the polar
    decomposition (Higham, "Computing the Polar Decomposition", 1986), which squares the error."""
    identity = torch.eye(3, dtype=matrices.dtype, device=matrices.device)
    return matrices @ (1.5 * identity - 0.5 * matrices.transpose(-1, -2) @ matrices)
