"""DepthPeeler by brute force: for every pixel all triangles that cover its centre, sorted by depth, then by id."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.ops.rasterize.reference import SAME_DEPTH, coverage, pixel_centers


def _layers_of_image(pos: Tensor, tri: Tensor, faces: range, resolution: tuple[int, int]) -> list[list[list[int]]]:
    """The ids of the triangles over each pixel, front to back: [H][W][...]."""
    height, width = resolution
    centers = pixel_centers(height, width)
    found: list[list[list[tuple[float, int]]]] = [[[] for _ in range(width)] for _ in range(height)]
    for face in faces:
        covered, depth = coverage(pos[tri[face].long()], centers)
        for row, column in covered.nonzero().tolist():
            found[row][column].append((round(float(depth[row, column]) / SAME_DEPTH) * SAME_DEPTH, face))
    return [[[face for _, face in sorted(pixel)] for pixel in row] for row in found]


def layer_ids(
    pos: Tensor, tri: Tensor, resolution: tuple[int, int], layers: int, ranges: Tensor | None = None
) -> Tensor:
    """The id of the triangle in each layer of each pixel, -1 where none is left: int64 [layers, B, H, W]."""
    pos = pos.double()
    out = torch.full((layers, len(pos) if ranges is None else len(ranges), *resolution), -1)
    for b in range(out.shape[1]):
        vertices = pos[b] if ranges is None else pos
        first, count = (0, len(tri)) if ranges is None else map(int, ranges[b])
        for row, pixels in enumerate(_layers_of_image(vertices, tri, range(first, first + count), resolution)):
            for column, faces in enumerate(pixels):
                for layer, face in enumerate(faces[:layers]):
                    out[layer, b, row, column] = face
    return out
