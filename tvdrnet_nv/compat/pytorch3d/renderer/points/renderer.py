"""A rasterizer of points and a compositor, one after the other."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device

__all__ = ["PointsRenderer"]


class PointsRenderer(nn.Module):
    """Renders clouds of points.

    Args:
        rasterizer: a `PointsRasterizer`.
        compositor: an `AlphaCompositor` or a `NormWeightedCompositor`.
    """

    def __init__(self, rasterizer: Any, compositor: Any) -> None:
        super().__init__()
        self.rasterizer = rasterizer
        self.compositor = compositor

    def to(self, device: Device) -> PointsRenderer:  # type: ignore[override]
        """Move rasterizer and compositor."""
        self.rasterizer = self.rasterizer.to(device)
        self.compositor = self.compositor.to(device)
        return self

    def forward(self, point_clouds: Any, **kwargs: Any) -> Tensor:
        """Images [N, H, W, C]; a point counts 1 at its centre, and less towards its radius.

        Args:
            point_clouds: N clouds with features.
            **kwargs: for rasterizer and compositor alike.
        """
        fragments = self.rasterizer(point_clouds, **kwargs)
        radius = kwargs.get("raster_settings", self.rasterizer.raster_settings).radius
        weights = 1 - fragments.dists.permute(0, 3, 1, 2) / (radius * radius)
        idx = fragments.idx.long().permute(0, 3, 1, 2)
        images = self.compositor(idx, weights, point_clouds.features_packed().permute(1, 0), **kwargs)
        return images.permute(0, 2, 3, 1)
