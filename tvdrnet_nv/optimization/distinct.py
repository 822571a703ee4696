"""The best of many that are no neighbours of each other."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor


def best_distinct(losses: Tensor, others: Callable[[int], Tensor], count: int) -> Tensor:
    """The rows of the best candidates that are no neighbours of a better one, the best first.

    One after the other is chosen, and its neighbours are left out (greedy non-maximum suppression).

    Args:
        losses: [N]; those that are not finite are not chosen.
        others: from a row i to [N] bool: which candidates are no neighbours of candidate i.
        count: how many are wanted.

    Returns:
        [M] int64, 1 <= M <= count: fewer where there are no more; row 0 where no loss is finite.
    """
    left = losses.isfinite()
    chosen: list[int] = []
    while len(chosen) < count and bool(left.any()):
        i = int(losses.masked_fill(~left, math.inf).argmin())
        chosen.append(i)
        left &= others(i)
        left[i] = False
    return torch.tensor(chosen or [0], device=losses.device)
