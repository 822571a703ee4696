"""From the points at a pixel to its features: [N, K, H, W] indices and weights, [C, P] features."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["alpha_composite", "norm_weighted_sum", "weighted_sum"]


def _features(pointsidx: Tensor, pt_clds: Tensor) -> Tensor:
    """[N, C, K, H, W]; 0 where there is no point."""
    there = pointsidx >= 0
    found = pt_clds[:, pointsidx.long().clamp_min(0).reshape(-1)].reshape(len(pt_clds), *pointsidx.shape)
    return (found * there).transpose(0, 1)


def alpha_composite(pointsidx: Tensor, alphas: Tensor, pt_clds: Tensor) -> Tensor:
    """Each point over the farther ones, by its opacity (Porter and Duff, "Compositing digital images", 1984).

    Args:
        pointsidx: [N, K, H, W] integer, columns of pt_clds, nearest first; negative where there is no point.
        alphas: [N, K, H, W], opacities.
        pt_clds: [C, P], features.

    Returns:
        [N, C, H, W].
    """
    opacity = torch.where(pointsidx >= 0, alphas, 0.0)
    left = torch.cat([torch.ones_like(opacity[:, :1]), (1 - opacity).cumprod(dim=1)[:, :-1]], dim=1)
    return ((opacity * left)[:, None] * _features(pointsidx, pt_clds)).sum(2)


def norm_weighted_sum(pointsidx: Tensor, alphas: Tensor, pt_clds: Tensor) -> Tensor:
    """The mean of the points' features, by weight; arguments as `alpha_composite`."""
    weights = torch.where(pointsidx >= 0, alphas, 0.0)
    total = weights.sum(1, keepdim=True).clamp_min(1e-4)  # PyTorch3D's bound
    return ((weights / total)[:, None] * _features(pointsidx, pt_clds)).sum(2)


def weighted_sum(pointsidx: Tensor, alphas: Tensor, pt_clds: Tensor) -> Tensor:
    """The sum of the points' features, by weight; arguments as `alpha_composite`."""
    return (torch.where(pointsidx >= 0, alphas, 0.0)[:, None] * _features(pointsidx, pt_clds)).sum(2)
