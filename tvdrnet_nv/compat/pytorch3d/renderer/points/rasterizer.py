"""`PointsRasterizer`: clouds of points and cameras in, fragments out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.renderer._cameras_base import try_get_projection_transform
from tvdrnet_nv.compat.pytorch3d.renderer.points.rasterize_points import rasterize_points

__all__ = ["PointFragments", "PointsRasterizationSettings", "PointsRasterizer"]


class PointFragments(NamedTuple):
    """What `rasterize_points` gives: idx, zbuf and dists, [N, H, W, K] each."""

    idx: Tensor
    zbuf: Tensor
    dists: Tensor


@dataclass
class PointsRasterizationSettings:
    """What `PointsRasterizer` is to do; see `rasterize_points`."""

    image_size: int | tuple[int, int] = 256
    radius: Any = 0.01
    points_per_pixel: int = 8
    bin_size: int | None = None
    max_points_per_bin: int | None = None


class PointsRasterizer(nn.Module):
    """Rasterizes `Pointclouds` through cameras, as `pytorch3d.renderer.PointsRasterizer`.

    Args:
        cameras: cameras of this package, or PyTorch3D's.
        raster_settings: default `PointsRasterizationSettings()`.
    """

    def __init__(self, cameras: Any = None, raster_settings: PointsRasterizationSettings | None = None) -> None:
        super().__init__()
        self.cameras = cameras
        self.raster_settings = PointsRasterizationSettings() if raster_settings is None else raster_settings

    def to(self, device: Device) -> PointsRasterizer:  # type: ignore[override]
        """Move the cameras."""
        if self.cameras is not None:
            self.cameras = self.cameras.to(device)
        return self

    def transform(self, point_clouds: Any, **kwargs: Any) -> Any:
        """The clouds with points in NDC, z being view space's.

        Args:
            point_clouds: N clouds, for N cameras or for one.
            **kwargs: `cameras`, and what they take.

        Raises:
            ValueError: no cameras.
        """
        cameras = kwargs.get("cameras", self.cameras)
        if cameras is None:
            raise ValueError(
                "Cameras must be specified either at initialization or in the forward pass of PointsRasterizer"
            )
        world = point_clouds.points_padded()
        eps = kwargs.get("eps")
        view = cameras.get_world_to_view_transform(**kwargs).transform_points(world, eps=eps)
        to_ndc = cameras.get_ndc_camera_transform(**kwargs)
        projection = try_get_projection_transform(cameras, kwargs)
        if projection is not None:
            ndc = projection.compose(to_ndc).transform_points(view, eps=eps)
        else:  # a projection that no matrix has, as a fisheye lens'
            ndc = to_ndc.transform_points(cameras.transform_points(world, eps=eps), eps=eps)
        return point_clouds.update_padded(torch.cat([ndc[..., :2], view[..., 2:]], dim=-1))

    def forward(self, point_clouds: Any, **kwargs: Any) -> PointFragments:
        """Rasterize.

        Args:
            point_clouds: N clouds, for N cameras or for one.
            **kwargs: `cameras` and `raster_settings` instead of the rasterizer's, and what the cameras take.
        """
        settings = kwargs.get("raster_settings", self.raster_settings)
        found = rasterize_points(
            self.transform(point_clouds, **kwargs),
            image_size=settings.image_size,
            radius=settings.radius,
            points_per_pixel=settings.points_per_pixel,
        )
        return PointFragments(*found)
