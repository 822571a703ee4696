"""transform as a matrix product."""

from __future__ import annotations

from torch import Tensor


def transform(vertices: Tensor, matrices: Tensor) -> Tensor:
    """[B, V, 4] from vertices [V, 4] and matrices [B, 4, 4]."""
    return vertices @ matrices.transpose(1, 2)
