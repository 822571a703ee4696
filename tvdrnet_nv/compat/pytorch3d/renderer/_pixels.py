"""Candidates for pixels: which of many small shapes may touch which pixels of an image in NDC."""

from __future__ import annotations

import operator
from collections.abc import Iterator

import torch
from torch import Tensor

_AT_ONCE = 1 << 22  # at most so many candidates at a time, or one shape's


def parse_image_size(image_size: int | tuple[int, int]) -> tuple[int, int]:
    """Height and width.

    Raises:
        ValueError: not one or two positive integers.
    """
    size = tuple(image_size) if isinstance(image_size, (tuple, list)) else (image_size, image_size)
    if len(size) != 2:
        raise ValueError(f"Image size can only be a number or a tuple/list of (H, W); got {size}")
    try:
        height, width = (operator.index(side) for side in size)
    except TypeError:
        raise ValueError(f"Image sizes must be integers; got {size}") from None
    if min(height, width) <= 0:
        raise ValueError(f"Image sizes must be greater than 0; got {size}")
    return height, width


def centres(index: Tensor, pixels: int, shorter: int) -> Tensor:
    """NDC coordinates of pixels' centres along one side: the first pixel's is the greatest, as +x is left and +y up."""
    return (pixels - 1 - 2 * index) / shorter


def candidates(low: Tensor, high: Tensor, size: tuple[int, int]) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Pixels whose centres are in the shapes' boxes.

    Args:
        low: [S, 2], the boxes' least x and y, NDC; boxes with NaN have no pixels.
        high: [S, 2], the greatest.
        size: height and width in pixels.

    Yields:
        shape, row and column of some candidates, int64 [C] each; by shape in ascending order.
    """
    shorter = min(size)
    first, last = [], []
    for axis, pixels in ((0, size[1]), (1, size[0])):
        # A pixel more at each side than by exact arithmetic.
        f = ((pixels - 1 - shorter * high[:, axis]) / 2).ceil() - 1
        t = ((pixels - 1 - shorter * low[:, axis]) / 2).floor() + 1
        first.append(f.nan_to_num(0.0, pixels, 0.0).clamp(0, pixels).long())
        last.append(t.nan_to_num(-1.0, pixels, -1.0).clamp(-1, pixels - 1).long())
    widths, heights = ((t - f + 1).clamp_min(0) for f, t in zip(first, last, strict=True))
    counts = widths * heights
    ends = counts.cumsum(0)
    start = 0
    while start < len(counts):
        before = int(ends[start - 1]) if start else 0
        stop = int(torch.searchsorted(ends, before + _AT_ONCE, right=True))
        stop = max(stop, start + 1)
        part = counts[start:stop]
        shape = torch.repeat_interleave(part)
        within = torch.arange(len(shape), device=low.device) - (part.cumsum(0) - part)[shape]
        shape = shape + start
        width = widths[shape].clamp_min(1)
        yield shape, first[1][shape] + within // width, first[0][shape] + within % width
        start = stop


def nearest_of(pixel: Tensor, depth: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Of candidates [C] the k nearest at each pixel: their rows, ordered by pixel and depth, and each one's rank there.

    Candidates of equal depth stay in their order.
    """
    order = depth.argsort(stable=True)
    order = order[pixel[order].argsort(stable=True)]
    sorted_pixel = pixel[order]
    position = torch.arange(len(order), device=pixel.device)
    starts = torch.ones_like(sorted_pixel, dtype=torch.bool)
    starts[1:] = sorted_pixel[1:] != sorted_pixel[:-1]
    rank = position - torch.where(starts, position, 0).cummax(0).values if len(order) else position
    kept = rank < k
    return order[kept], rank[kept]
