"""The losses in torch, on any device."""

from __future__ import annotations

import torch
from torch import Tensor


def image_statistics(image: Tensor) -> Tensor:
    """[B, 3]: mean and standard deviation of the colours, and mean of the coverage."""
    colors = image[..., :3].flatten(1)
    return torch.stack([colors.mean(1), colors.std(1), image[..., 3].flatten(1).mean(1)], dim=1)


def view_heuristic_loss(image: Tensor) -> Tensor:
    """[B]: |mean(rgb) - 0.5| - 0.1 std(rgb) - 0.5 mean(alpha)."""
    mean, deviation, coverage = image_statistics(image).unbind(1)
    return (mean - 0.5).abs() - 0.1 * deviation - 0.5 * coverage


def mean_squared_error(image: Tensor, target: Tensor, clip: bool) -> Tensor:
    """[B]: of images [B, H, W, 3 or 4], whose fourth channel does not count, to targets [H, W, 3] or [B, H, W, 3]."""
    colors = image[..., :3].clamp(0, 1) if clip else image[..., :3]
    return (colors - target).square().mean(dim=(1, 2, 3))
