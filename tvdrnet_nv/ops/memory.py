"""Memory for images."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu

_LARGE = 2**23  # bytes; the C library gives larger blocks back to the system as soon as they are free


def empty_pixels(like: Tensor, batch: int, height: int, width: int) -> Tensor:
    """[B, H, W, 4], not initialised, of the dtype of `like`, on the CPU; large ones in memory that is used again."""
    if like.element_size() * 4 * batch * height * width < _LARGE:
        return like.new_empty((batch, height, width, 4))
    make = _cpu.recycled_pixels64 if like.dtype == torch.float64 else _cpu.recycled_pixels32
    return make(batch, height, width)
