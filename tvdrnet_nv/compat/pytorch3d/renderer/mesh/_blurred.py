"""Faces that reach beyond their borders: the fragments of soft rasterizers (Liu et al., "Soft Rasterizer", 2019).

In plain PyTorch: the pixels in each face's box are tried, the nearest K of each pixel are kept, and these are evaluated
once more for gradients.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.renderer._pixels import candidates, centres, nearest_of
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._fragments import Fragments
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._raster import _to_segment
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._z_clip import Corners
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.utils import _clip_barycentric_coordinates

AREA_EPS = 1e-8  # smaller areas and depths count as none: PyTorch3D's bound


@dataclass(frozen=True)
class Blur:
    """How faces are blurred.

    Attributes:
        radius: the squared distance that they reach, NDC.
        perspective_correct: whether barycentrics are linear on the surface rather than on the screen.
        clip: whether barycentrics outside of a face become those of a point of its border.
    """

    radius: float
    perspective_correct: bool
    clip: bool


def edge_function(p: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """Twice the area of triangles [...] of points [..., 2]; positive where they are clockwise on the screen."""
    return (p[..., 0] - a[..., 0]) * (b[..., 1] - a[..., 1]) - (p[..., 1] - a[..., 1]) * (b[..., 0] - a[..., 0])


def signed_areas(triangles: Tensor) -> Tensor:
    """Twice the areas [C] of triangles [C, 3, 2 or 3] by x and y; those that face the camera are positive."""
    a, b, c = triangles.unbind(1)
    return edge_function(c, a, b)


def evaluate(points: Tensor, triangles: Tensor, blur: Blur) -> tuple[Tensor, Tensor, Tensor]:
    """Where points are with respect to triangles, pair by pair.

    Args:
        points: [C, 2], NDC.
        triangles: [C, 3, 3], x and y in NDC, z in view space.
        blur: how faces are blurred.

    Returns:
        barycentrics [C, 3]; depth [C]; and the squared distance to the nearest edge [C], negative inside.
    """
    a, b, c = triangles[..., :2].unbind(1)
    z = triangles[..., 2]
    area = edge_function(c, a, b) + AREA_EPS
    bary = (
        torch.stack([edge_function(points, b, c), edge_function(points, c, a), edge_function(points, a, b)], dim=1)
        / area[:, None]
    )
    if blur.perspective_correct:
        weighted = bary * z.roll(-1, 1) * z.roll(1, 1)
        bary = weighted / weighted.sum(1, keepdim=True).clamp_min(AREA_EPS)
    inside = (bary > 0).all(1)
    if blur.clip:
        bary = _clip_barycentric_coordinates(bary)
    squared = torch.stack([_to_segment(points, p, q) for p, q in ((a, b), (b, c), (c, a))], dim=1).amin(1)
    return bary, (bary * z).sum(1), torch.where(inside, -squared, squared)


def _points(row: Tensor, column: Tensor, size: tuple[int, int], like: Tensor) -> Tensor:
    xy = [centres(column, size[1], min(size)), centres(row, size[0], min(size))]
    return torch.stack(xy, dim=1).to(like.dtype)


def _chosen(corners: Corners, image: Tensor, drawn: Tensor, size: tuple[int, int], k: int, blur: Blur) -> list[Tensor]:
    """Face, pixel in the batch and rank of the K nearest fragments of each pixel."""
    rows = drawn.nonzero()[:, 0]
    triangles = corners.triangles.detach()[rows]
    reach = blur.radius**0.5
    low, high = triangles[..., :2].amin(1) - reach, triangles[..., :2].amax(1) + reach
    pixels = size[0] * size[1]
    kept = [rows[:0], rows[:0], triangles[:0, 0, 0], triangles[:0, 0, 0]]
    for shape, row, column in candidates(low, high, size):
        _, depth, distance = evaluate(_points(row, column, size, triangles), triangles[shape], blur)
        there = ((distance < 0) | (distance < blur.radius)) & (depth >= 0)
        face = rows[shape[there]]
        pixel = image[face] * pixels + row[there] * size[1] + column[there]
        found = [face, pixel, depth[there], distance[there].abs()]
        merged = [torch.cat(pair) for pair in zip(kept, found, strict=True)]
        if corners.barycentrics is not None:
            once = _one_part(merged[1], corners.parents[merged[0]], merged[3])
            merged = [part[once] for part in merged]
        order, _ = nearest_of(merged[1], merged[2], k)
        kept = [part[order] for part in merged]
    _, rank = nearest_of(kept[1], kept[2], k)
    return [kept[0], kept[1], rank]


def _one_part(pixel: Tensor, parent: Tensor, distance: Tensor) -> Tensor:
    """Of candidates [C] at the same pixel that are parts of the same face, that with the nearest edge, as PyTorch3D."""
    order = distance.argsort(stable=True)
    for key in (parent, pixel):
        order = order[key[order].argsort(stable=True)]
    first = torch.ones_like(order, dtype=torch.bool)
    first[1:] = (pixel[order][1:] != pixel[order][:-1]) | (parent[order][1:] != parent[order][:-1])
    return order[first].sort().values


def blurred_fragments(
    corners: Corners, image: Tensor, count: int, size: tuple[int, int], k: int, blur: Blur, cull_backfaces: bool
) -> Fragments:
    """The K nearest blurred faces at each pixel.

    Args:
        corners: F faces.
        image: [F] int64, which image each is in.
        count: N, of images.
        size: height and width.
        k: how many faces at a pixel.
        blur: how they are blurred.
        cull_backfaces: leave out faces that are clockwise as seen by the camera.
    """
    with torch.no_grad():
        areas = signed_areas(corners.triangles)
        drawn = (corners.triangles[..., 2] >= AREA_EPS).all(1) & (areas.abs() > AREA_EPS)
        if cull_backfaces:
            drawn &= areas >= 0
        face, pixel, rank = _chosen(corners, image, drawn, size, k, blur)
        within = pixel % (size[0] * size[1])
    points = _points(within // size[1], within % size[1], size, corners.triangles)
    bary, depth, distance = evaluate(points, corners.triangles[face], blur)
    if corners.barycentrics is not None:
        bary = (bary[:, :, None] * corners.barycentrics[face]).sum(1)
    place, total = pixel * k + rank, count * size[0] * size[1] * k

    def spread(values: Tensor) -> Tensor:
        empty = values.new_full((total, *values.shape[1:]), -1)
        return empty.index_put((place,), values).reshape(count, *size, k, *values.shape[1:])

    return Fragments(spread(corners.parents[face]), spread(depth), spread(bary), spread(distance))
