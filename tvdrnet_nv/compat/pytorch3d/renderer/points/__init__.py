"""`pytorch3d.renderer.points`: clouds of points as images."""

from tvdrnet_nv.compat.pytorch3d.renderer.points.compositor import AlphaCompositor, NormWeightedCompositor
from tvdrnet_nv.compat.pytorch3d.renderer.points.rasterize_points import rasterize_points
from tvdrnet_nv.compat.pytorch3d.renderer.points.rasterizer import PointsRasterizationSettings, PointsRasterizer
from tvdrnet_nv.compat.pytorch3d.renderer.points.renderer import PointsRenderer

__all__ = [
    "AlphaCompositor",
    "NormWeightedCompositor",
    "PointsRasterizationSettings",
    "PointsRasterizer",
    "PointsRenderer",
    "rasterize_points",
]
