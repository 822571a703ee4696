"""Memory for images."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu

_LARGE = 2**20  # bytes; the C library gives larger blocks back to the system as soon as they are free


def empty(like: Tensor, *shape: int) -> Tensor:
    """Not initialised, of the dtype of `like`, on the CPU; if large, in memory that is used again."""
    if like.element_size() * math.prod(shape) < _LARGE:
        return like.new_empty(shape)
    return (_cpu.recycled64 if like.dtype == torch.float64 else _cpu.recycled32)(shape)
