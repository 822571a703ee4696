"""Images at coarser scales."""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import avg_pool2d

from tvdrnet_nv.renderer import shrunk

__all__ = ["averaged", "shrunk"]


def averaged(images: Tensor, square: int) -> Tensor:
    """[N, H, W, C] to [N, h, w, C]: the means over squares; the last row and column may be of smaller ones."""
    if square == 1:
        return images
    return avg_pool2d(images.permute(0, 3, 1, 2), square, ceil_mode=True).permute(0, 2, 3, 1)
