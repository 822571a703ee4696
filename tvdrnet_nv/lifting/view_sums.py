"""What one view says of vertices or faces, before it is put together with other views."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class ViewSums:
    """Sums over the pixels of one view; tensors on the CPU.

    Attributes:
        total: float32 [N, C], of weight × value.
        weight: float32 [N], of the weights; 0 where the view shows nothing.
        cell_area: float32 [3 F] in 0..1, which share of each face's corners' parts the view shows.
    """

    total: Tensor
    weight: Tensor
    cell_area: Tensor
