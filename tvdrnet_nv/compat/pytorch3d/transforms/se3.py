"""Rigid motions [N, 4, 4], acting on row vectors, and their logarithms [N, 6]: translation's part, then rotation's."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.transforms.so3 import hat, so3_log_map

__all__ = ["se3_exp_map", "se3_log_map"]


def se3_exp_map(log_transform: Tensor, eps: float = 1e-4) -> Tensor:
    """[N, 6] to [N, 4, 4], by the matrix exponential: exact and smooth at zero too, `eps` is not needed.

    Args:
        log_transform: [N, 6]; the last three are the axis times the angle in radians.
        eps: accepted; without effect.

    Returns:
        [N, 4, 4], translations in the last row.

    Raises:
        ValueError: another shape.
    """
    if log_transform.dim() != 2 or log_transform.shape[1] != 6:
        raise ValueError("Expected input to be of shape [N, 6].")
    move, turn = log_transform.split(3, dim=1)
    twist = torch.nn.functional.pad(torch.cat([hat(turn), move[:, :, None]], dim=2), (0, 0, 0, 1))
    return torch.linalg.matrix_exp(twist).transpose(1, 2)


def se3_log_map(transform: Tensor, eps: float = 1e-4, cos_bound: float = 1e-4) -> Tensor:
    """[N, 4, 4] to [N, 6], the inverse of `se3_exp_map`, for angles up to π; `eps` and `cos_bound` are not needed.

    Args:
        transform: [N, 4, 4], translations in the last row.
        eps: accepted; without effect.
        cos_bound: accepted; without effect.

    Raises:
        ValueError: another shape, or a last column other than (0, 0, 0, 1).
    """
    if transform.dim() != 3:
        raise ValueError("Input tensor shape has to be (N, 4, 4).")
    if transform.shape[1:] != (4, 4):
        raise ValueError("Input tensor shape has to be (N, 4, 4).")
    if not torch.allclose(transform[:, :3, 3], torch.zeros_like(transform[:, :3, 3])):
        raise ValueError("All elements of `transform[:, :3, 3]` should be 0.")
    turn = so3_log_map(transform[:, :3, :3].transpose(1, 2))
    # exp of [[W, 1], [0, 0]] has in its upper right the matrix that takes the translation's logarithm to it.
    n = len(turn)
    identity = torch.eye(3, dtype=turn.dtype, device=turn.device).expand(n, 3, 3)
    blocks = torch.nn.functional.pad(torch.cat([hat(turn), identity], dim=2), (0, 0, 0, 3))
    V = torch.linalg.matrix_exp(blocks)[:, :3, 3:]
    move = torch.linalg.solve(V, transform[:, 3, :3, None])[..., 0]
    return torch.cat([move, turn], dim=1)
