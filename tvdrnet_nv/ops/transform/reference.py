"""transform as a matrix product."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import pad


def transform(vertices: Tensor, matrices: Tensor) -> Tensor:
    """[B, V, 4] from vertices [V, 3] or [V, 4] and matrices [B, 4, 4]."""
    if vertices.shape[1] == 3:
        vertices = pad(vertices, (0, 1), value=1.0)
    return vertices @ matrices.transpose(1, 2)
