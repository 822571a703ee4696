"""Means over a window around each pixel."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor

_REACH = 3.5  # standard deviations beyond which nothing counts; numbers next to zero would make the products slow
_SPACING = 0.75  # standard deviations between the places where a mean is computed; in between it is interpolated


def window_means(planes: Tensor, width: float) -> Tensor:
    """[..., H, W]: the mean of [..., H, W] around each pixel, weighted by a Gaussian of `width` / 2 pixels' deviation.

    As products with small matrices, so that a wide window costs no more than a narrow one. The window is cut off at
    the border of the image.
    """
    (down, up), (across, back) = (_matrices(size, width, planes.dtype, planes.device) for size in planes.shape[-2:])
    return up @ (down @ planes @ across.T) @ back.T


@lru_cache(maxsize=64)
def _matrices(size: int, width: float, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor]:
    """[N, size] to the means at N places, and [size, N] back to the pixels by linear interpolation."""
    deviation = width / 2
    count = 1 if size == 1 else max(2, 1 + math.ceil(size / (deviation * _SPACING)))
    pixels = torch.arange(size, dtype=torch.float64)
    places = torch.linspace(0, size - 1, count, dtype=torch.float64)
    down = gaussian((places[:, None] - pixels) / deviation)
    spacing = max(float(size - 1) / max(count - 1, 1), 1e-9)
    up = (1 - (pixels[:, None] - places).abs() / spacing).clamp_min(0) if count > 1 else torch.ones(size, 1).double()
    return down.to(device, dtype), up.to(device, dtype)


def gaussian(distances: Tensor) -> Tensor:
    """[N, size]: the weights of pixels at distances [N, size], in standard deviations; each row sums to 1."""
    weights = torch.exp(-0.5 * distances.square()).where(distances.abs() < _REACH, 0.0)
    return weights / weights.sum(1, keepdim=True)
