"""Which triangles show nothing, because all of them is transparent."""

from __future__ import annotations

import numpy as np

_FAINT = 1 - 0.5 / 255  # alpha from here on is opaque


def visible_faces(
    faces: np.ndarray, vertex_alpha: np.ndarray, uv: np.ndarray | None, picture_alpha: np.ndarray | None, cutoff: float
) -> tuple[np.ndarray, np.ndarray]:
    """[F] whether any of a triangle is shown, and [F] whether any of it is not, or only partly.

    Alpha is the vertices' times the picture's. It is bounded from both sides by the largest and smallest one of the
    vertices and, of the picture, of the texels under the triangle's bounds; so a triangle is shown where that may be.

    Args:
        faces: [F, 3].
        vertex_alpha: [V].
        uv: [V, 2] of the picture, which repeats; None without.
        picture_alpha: [H, W] uint8; None where it is opaque.
        cutoff: alpha below it is not shown.
    """
    corners = vertex_alpha[faces]
    highest, lowest = corners.max(axis=1), corners.min(axis=1)
    if uv is None or picture_alpha is None:
        return highest >= cutoff, lowest < max(cutoff, _FAINT)
    # The share of texels that are shown, by alpha in steps: a triangle's own alpha decides which step it needs.
    shown = np.zeros(len(faces), dtype=bool)
    with np.errstate(divide="ignore"):
        needed = np.clip(np.ceil(cutoff / np.maximum(highest, 1e-9) * 255 - 1e-6), 0, 256).astype(np.int64)
    boxes = _boxes(uv[faces], picture_alpha.shape)
    for level in np.unique(needed)[:256]:
        mine = needed == level
        shown[mine] = _count(picture_alpha >= level, boxes[mine]) > 0
    faint = (lowest < _FAINT) | (_count(picture_alpha < 255, boxes) > 0)
    return shown, faint


def _boxes(corners: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """[F, 2, 2]: (first, count) along u and v of the texels under triangles [F, 3, 2], and of their neighbours."""
    boxes = np.zeros((len(corners), 2, 2), dtype=np.int64)
    for axis in (0, 1):
        side = shape[1 - axis]
        low, high = corners[..., axis].min(axis=1), corners[..., axis].max(axis=1)
        offset = np.floor(low)
        first = np.floor((low - offset) * side - 0.5)
        last = np.floor(np.minimum(high - offset, 4.0) * side - 0.5) + 1
        boxes[:, axis, 1] = np.minimum(last - first + 1, side)
        boxes[:, axis, 0] = first.astype(np.int64) % side
    return boxes


def _count(mask: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """[F] how many texels of a mask [H, W] that repeats are in boxes."""
    height, width = mask.shape
    sums = np.zeros((height + 1, width + 1), dtype=np.int64)
    sums[1:, 1:] = mask.cumsum(axis=0, dtype=np.int64).cumsum(axis=1)
    (u, width_of), (v, height_of) = boxes[:, 0].T, boxes[:, 1].T
    total = np.zeros(len(boxes), dtype=np.int64)
    for left, right in ((u, np.minimum(u + width_of, width)), (0 * u, np.maximum(u + width_of - width, 0))):
        for top, bottom in ((v, np.minimum(v + height_of, height)), (0 * v, np.maximum(v + height_of - height, 0))):
            total += sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return total
