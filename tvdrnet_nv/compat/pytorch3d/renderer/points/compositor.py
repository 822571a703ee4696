"""Compositors: the points at each pixel in, images out."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tvdrnet_nv.compat.pytorch3d.renderer.compositing import alpha_composite, norm_weighted_sum

__all__ = ["AlphaCompositor", "NormWeightedCompositor"]


class AlphaCompositor(nn.Module):
    """Each point over the farther ones; see `alpha_composite`.

    Args:
        background_color: of pixels without points, one number for each channel; a fourth channel that it lacks is 1.
            Default: 0.
    """

    def __init__(self, background_color: Any = None) -> None:
        super().__init__()
        self.background_color = background_color

    def _composite(self, fragments: Tensor, alphas: Tensor, ptclds: Tensor) -> Tensor:
        return alpha_composite(fragments, alphas, ptclds)

    def forward(self, fragments: Tensor, alphas: Tensor, ptclds: Tensor, **kwargs: Any) -> Tensor:
        """Images [N, C, H, W].

        Args:
            fragments: [N, K, H, W], the points at each pixel.
            alphas: [N, K, H, W], their weights.
            ptclds: [C, P], features.
            **kwargs: `background_color`.
        """
        images = self._composite(fragments, alphas, ptclds)
        color = kwargs.get("background_color", self.background_color)
        if color is None:
            return images
        color = torch.as_tensor(color, dtype=images.dtype, device=images.device)
        channels = images.shape[1]
        if channels == 4 and len(color) == 3:
            color = torch.cat([color, color.new_ones(1)])
        if len(color) != channels:
            raise ValueError(f"background_color must have {channels} channels; got {len(color)}")
        return torch.where(fragments[:, :1] < 0, color[:, None, None], images)


class NormWeightedCompositor(AlphaCompositor):
    """The mean of the points' features, by weight; see `norm_weighted_sum`. Arguments as `AlphaCompositor`."""

    def _composite(self, fragments: Tensor, alphas: Tensor, ptclds: Tensor) -> Tensor:
        return norm_weighted_sum(fragments, alphas, ptclds)
