"""`rasterize_points`: clouds in NDC in, which points are at each pixel out."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.renderer._pixels import candidates, centres, nearest_of, parse_image_size

__all__ = ["_format_radius", "rasterize_points", "rasterize_points_python"]


def _format_radius(radius: Any, clouds: Any) -> Tensor:
    """[ΣP]: of a number, a sequence, or a tensor [ΣP] or [N, P]."""
    points = clouds.points_packed()
    if not isinstance(radius, (int, float, list, tuple, Tensor)):
        raise ValueError(f"radius must be a float, list, tuple or tensor; got {type(radius).__name__}")
    values = torch.as_tensor(radius, dtype=points.dtype, device=points.device)
    if values.dim() == 0:
        return values.expand(len(points))
    if values.dim() == 1 and len(values) == len(points):
        return values
    if values.dim() == 2 and values.shape == clouds.points_padded().shape[:2]:
        return values.reshape(-1)[clouds.padded_to_packed_idx()]
    raise ValueError(f"radius must be of shape (P) or (N, P), or a number; got {list(values.shape)}")


def _squared(row: Tensor, column: Tensor, points: Tensor, size: tuple[int, int]) -> Tensor:
    dx = centres(column, size[1], min(size)) - points[:, 0]
    dy = centres(row, size[0], min(size)) - points[:, 1]
    return dx * dx + dy * dy


def rasterize_points(
    pointclouds: Any,
    image_size: int | tuple[int, int] = 256,
    radius: Any = 0.01,
    points_per_pixel: int = 8,
    bin_size: int | None = None,
    max_points_per_bin: int | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """The K nearest points whose disc covers a pixel's centre; in plain PyTorch.

    Args:
        pointclouds: N clouds, x and y in NDC (+x left, +y up, ±1 at the shorter side's borders), z the depth.
        image_size: height and width in pixels, or one number for a square.
        radius: of the discs in NDC, a number or one for each point, [ΣP] or [N, P].
        points_per_pixel: K.
        bin_size: accepted; without effect.
        max_points_per_bin: accepted; without effect.

    Returns:
        idx [N, H, W, K] int32, rows of the packed points; zbuf [N, H, W, K]; and the squared distance in NDC to the
        point [N, H, W, K]. All are -1 where there is no point. zbuf and distances have gradients.

    Raises:
        ValueError: a radius of another shape.
    """
    size, k = parse_image_size(image_size), points_per_pixel
    points, cloud = pointclouds.points_packed(), pointclouds.packed_to_cloud_idx()
    radii = _format_radius(radius, pointclouds)
    pixels = size[0] * size[1]
    with torch.no_grad():
        reach = torch.where(points[:, 2] >= 0, radii, torch.nan)[:, None]
        kept = [cloud[:0], cloud[:0], points[:0, 2]]
        for shape, row, column in candidates(points[:, :2] - reach, points[:, :2] + reach, size):
            there = _squared(row, column, points[shape], size) < radii[shape].square()
            point = shape[there]
            found = [point, cloud[point] * pixels + row[there] * size[1] + column[there], points[point, 2]]
            merged = [torch.cat(pair) for pair in zip(kept, found, strict=True)]
            order, _ = nearest_of(merged[1], merged[2], k)
            kept = [part[order] for part in merged]
        point, pixel, depth = kept
        _, rank = nearest_of(pixel, depth, k)
        within = pixel % pixels
        place = pixel * k + rank
    distance = _squared(within // size[1], within % size[1], points[point], size)

    def spread(values: Tensor) -> Tensor:
        empty = values.new_full((len(pointclouds) * pixels * k,), -1)
        return empty.index_put((place,), values).reshape(len(pointclouds), *size, k)

    return spread(point.to(torch.int32)), spread(points[point, 2]), spread(distance)


def rasterize_points_python(
    pointclouds: Any, image_size: int | tuple[int, int] = 256, radius: Any = 0.01, points_per_pixel: int = 8
) -> tuple[Tensor, Tensor, Tensor]:
    """As `rasterize_points`, which is in Python, too."""
    return rasterize_points(pointclouds, image_size, radius, points_per_pixel)
