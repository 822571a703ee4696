"""Points through a 4×4 matrix at full precision."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.ops.backends import backend_of


def transform_points(matrix: Tensor, points: Tensor) -> Tensor:
    """Return matrix · point, column vectors.

    Args:
        matrix: [B, 4, 4].
        points: [V, 4], [B, V, 4] or [1, V, 4], homogeneous.

    Returns:
        [B, V, 4].
    """
    # On CUDA a matrix product may be rounded to TF32, a vertex to 10 bits; elsewhere it is exact and the fastest.
    exact = backend_of(points).full_precision_products
    return points @ matrix.transpose(1, 2) if exact else _products(matrix, points)


def _products(matrix: Tensor, points: Tensor) -> Tensor:
    x, y, z, w = (column.unsqueeze(-1) for column in points.unbind(-1))
    mx, my, mz, mw = (column.unsqueeze(1) for column in matrix.unbind(-1))
    return torch.addcmul(torch.addcmul(torch.addcmul(w * mw, x, mx), y, my), z, mz)
