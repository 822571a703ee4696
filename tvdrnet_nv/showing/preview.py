"""A small picture of a surface, drawn by its points: for a first look, without a renderer."""

from __future__ import annotations

import numpy as np

_HEIGHT, _WIDTH = 480, 640  # drawn at twice the size that is shown
_DOT = 3  # pixels along a side of a point's square
_ASIDE, _ABOVE = np.radians(35.0), np.radians(35.0)
_AMBIENT = 0.65
_MARGIN = 16


def preview(points: np.ndarray, normals: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """Draw points from above and aside, without perspective; those whose backs are seen are left out.

    The shortest side of their box is taken for the height, as rooms are lower than wide.

    Args:
        points: float [N, 3].
        normals: float [N, 3], unit length.
        colors: float [N, 3] in 0..1.

    Returns:
        `uint8 [240, 320, 3]`, on white.
    """
    size = points.max(0) - points.min(0)
    up = int(size.argmin())
    order = [(up + 1) % 3, (up + 2) % 3, up]  # right-handed, with the height last
    c, s, a, b = np.cos(_ASIDE), np.sin(_ASIDE), np.cos(_ABOVE), np.sin(_ABOVE)
    axes = np.array([[c, s, 0], [-s * b, c * b, a], [s * a, -c * a, b]])  # right, up, and toward the viewer
    placed = (points - (points.max(0) + points.min(0)) / 2)[:, order] @ axes.T
    facing = normals[:, order] @ axes[2]
    shown = facing > 0 if (facing > 0).any() else np.ones(len(points), bool)
    placed, facing, colors = placed[shown], facing[shown], colors[shown]
    low, high = placed[:, :2].min(0), placed[:, :2].max(0)
    scale = float(np.min((np.array([_WIDTH, _HEIGHT]) - 2 * _MARGIN) / np.maximum(high - low, 1e-12)))
    middle = (low + high) / 2
    across = np.round(_WIDTH / 2 + scale * (placed[:, 0] - middle[0])).astype(int)
    down = np.round(_HEIGHT / 2 - scale * (placed[:, 1] - middle[1])).astype(int)
    lit = np.clip(colors * (_AMBIENT + (1 - _AMBIENT) * np.abs(facing))[:, None], 0, 1)
    image = np.full((_HEIGHT, _WIDTH, 3), 255, np.uint8)
    nearest_last = placed[:, 2].argsort(kind="stable")
    rgb = np.round(255 * lit[nearest_last]).astype(np.uint8)
    dy, dx = (offsets.reshape(1, -1) for offsets in np.mgrid[:_DOT, :_DOT])
    rows, columns = down[nearest_last, None] + dy, across[nearest_last, None] + dx
    # Point by point, so that a nearer one hides a farther one's square.
    flat = rows.clip(0, _HEIGHT - 1) * _WIDTH + columns.clip(0, _WIDTH - 1)
    image.reshape(-1, 3)[flat.reshape(-1)] = np.repeat(rgb, _DOT * _DOT, axis=0)
    halves = image.reshape(_HEIGHT // 2, 2, _WIDTH // 2, 2, 3).astype(np.float32)
    return halves.mean((1, 3)).round().astype(np.uint8)
