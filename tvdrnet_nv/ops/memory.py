"""Memory for images."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu

_LARGE = 2**20  # bytes; the C library gives larger blocks back to the system as soon as they are free


_RECYCLED = {torch.float32: _cpu.recycled32, torch.float64: _cpu.recycled64, torch.uint8: _cpu.recycled8}


def empty(like: Tensor, *shape: int, dtype: torch.dtype | None = None) -> Tensor:
    """Not initialised, on the CPU, of the dtype of `like` or another; if large, in memory that is used again."""
    dtype = like.dtype if dtype is None else dtype
    if dtype.itemsize * math.prod(shape) < _LARGE:
        return like.new_empty(shape, dtype=dtype)
    return _RECYCLED[dtype](shape)
