"""Between packed rows and a padded batch."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["packed_to_padded", "padded_to_packed"]


def _places(first_idxs: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """For each of `count` packed rows its element of the batch and its row there."""
    rows = torch.arange(count, device=first_idxs.device)
    element = torch.searchsorted(first_idxs.contiguous(), rows, right=True) - 1
    return element, rows - first_idxs[element]


def packed_to_padded(inputs: Tensor, first_idxs: Tensor, max_size: int) -> Tensor:
    """[F, ...] to [N, max_size, ...], filled up with zeros.

    Args:
        inputs: packed rows.
        first_idxs: [N] int64, the first row of each element of the batch.
        max_size: rows of the largest.
    """
    element, row = _places(first_idxs, len(inputs))
    out = inputs.new_zeros(len(first_idxs), max_size, *inputs.shape[1:])
    return out.index_put((element, row), inputs)


def padded_to_packed(inputs: Tensor, first_idxs: Tensor, num_inputs: int, max_size_dim: int = 1) -> Tensor:
    """[N, M, ...] to [num_inputs, ...]: the inverse of `packed_to_padded`.

    Args:
        inputs: a padded batch.
        first_idxs: [N] int64, the first packed row of each element.
        num_inputs: how many packed rows there are.
        max_size_dim: the dimension that is padded.
    """
    inputs = inputs.movedim(max_size_dim, 1)
    element, row = _places(first_idxs, num_inputs)
    return inputs[element, row]
