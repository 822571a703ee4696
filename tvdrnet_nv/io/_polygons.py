"""Triangles of polygons, concave ones included."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Lists = np.ndarray | tuple[np.ndarray, np.ndarray] | Sequence[np.ndarray]

_LARGEST = 2048  # corners of a polygon whose ears are cut: the time grows with the square
_FLAT = 1e-9  # a fan's triangle may turn over by this share of its polygon's area: rounding, not a notch


def triangulate(vertices: np.ndarray, lists: Lists) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut polygons into triangles that cover the same area, without new vertices.

    A polygon is a fan about its first corner where that covers it, otherwise about its second (a quad with a notch),
    otherwise its ears are cut off one by one, seen along its normal (Meisters 1975; the normal is Newell's).
    Polygons of fewer than three corners give none, and so do triangles that have a vertex twice, where they are part
    of a polygon with more corners. One of more than 2,048 corners is a fan in any case, and so is one whose indices
    or positions cannot be used; the caller's checks name those.

    Args:
        vertices: [V, 3] float64.
        lists: the polygons' indices into `vertices`: an array [P, K] where all have K corners, a pair of counts [P] and
            all indices in a row, or P arrays.

    Returns:
        Triangles [T, 3] int64, indices into `vertices`, in the polygons' order and sense of rotation; the polygon of
        each triangle [T] int64; and which of that polygon's corners its three are [T, 3] int64.
    """
    counts, flat = _flattened(lists)
    starts = np.cumsum(counts) - counts
    sizes = np.maximum(counts - 2, 0)
    total = int(sizes.sum())
    polygon = np.repeat(np.arange(len(counts)), sizes)
    step = np.arange(total) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    corners = np.stack([np.zeros_like(step), step + 1, step + 2], axis=1)
    if (counts == 3).all():
        return flat[starts[:, None] + corners], polygon, corners

    usable = (flat >= 0) & (flat < len(vertices))
    inside = np.where(usable, flat, 0)
    bad = np.zeros(len(counts), dtype=bool)
    bad[np.repeat(np.arange(len(counts)), counts)[~usable]] = True
    many = np.flatnonzero((counts > 3) & ~bad)
    ends = np.cumsum(sizes)
    for at in _turned_over(vertices, inside, counts, starts, many):
        first, last = int(ends[at] - sizes[at]), int(ends[at])
        points = vertices[inside[starts[at] : starts[at] + counts[at]]]
        corners[first:last] = _cut(points)
    triangles = flat[starts[polygon][:, None] + corners]
    a, b, c = triangles.T
    kept = (counts[polygon] == 3) | bad[polygon] | ((a != b) & (b != c) & (c != a))
    return triangles[kept], polygon[kept], corners[kept]


def without_corners(count: int) -> str:
    """What to say of a file whose `count` faces give no triangle."""
    return f"no face has three different corners (of {count:,}), so nothing is visible; export the mesh again"


def _flattened(lists: Lists) -> tuple[np.ndarray, np.ndarray]:
    """The polygons' sizes [P], and their indices in a row; int64."""
    if isinstance(lists, tuple):
        counts, flat = lists
        return np.asarray(counts, dtype=np.int64), np.asarray(flat, dtype=np.int64)
    if isinstance(lists, np.ndarray) and lists.dtype != object:
        return np.full(len(lists), lists.shape[1], dtype=np.int64), lists.astype(np.int64).reshape(-1)
    counts = np.fromiter((len(polygon) for polygon in lists), dtype=np.int64, count=len(lists))
    flat = np.concatenate(list(lists)) if len(lists) else np.zeros(0)
    return counts, flat.astype(np.int64)


def _turned_over(
    vertices: np.ndarray, flat: np.ndarray, counts: np.ndarray, starts: np.ndarray, many: np.ndarray
) -> np.ndarray:
    """Which of the polygons `many` a fan about the first corner does not cover; all of a size at once."""
    found = []
    for size in np.unique(counts[many]):
        if size > _LARGEST:
            continue
        same = many[counts[many] == size]
        block = max(1, 4_000_000 // int(size))
        for first in range(0, len(same), block):
            rows = same[first : first + block]
            points = vertices[flat[starts[rows][:, None] + np.arange(size)]]
            with np.errstate(all="ignore"):
                arms = points[:, 1:] - points[:, :1]
                crosses = np.cross(arms[:, :-1], arms[:, 1:])
                normals = crosses.sum(axis=1, keepdims=True)
                along = (crosses * normals).sum(axis=2)
                limit = -_FLAT * (normals * normals).sum(axis=2)
            found.append(rows[(along < limit).any(axis=1)])
    return np.sort(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)


def _cut(points: np.ndarray) -> np.ndarray:
    """[K - 2, 3] corners of a polygon's triangles, from its corners' positions [K, 3]."""
    count = len(points)
    fan = np.stack([np.zeros(count - 2, dtype=np.int64), np.arange(1, count - 1), np.arange(2, count)], axis=1)
    if not np.isfinite(points).all():
        return fan
    if count == 4:
        return np.array([[1, 2, 3], [1, 3, 0]])
    arms = points - points[0]
    scale = np.abs(arms).max()
    normal = np.cross(arms[1:-1] / scale, arms[2:] / scale).sum(axis=0)
    axis = int(np.abs(normal).argmax())
    if normal[axis] == 0:
        return fan
    u, v = (axis + 1) % 3, (axis + 2) % 3
    flat = arms[:, [u, v]] / scale
    if normal[axis] < 0:
        flat = flat[:, ::-1]
    ears = _ears([(float(x), float(y)) for x, y in flat])
    return np.array(sorted(ears), dtype=np.int64)


Point = tuple[float, float]


def _turn(a: Point, b: Point, c: Point) -> float:
    """Twice the area of a triangle, positive where it turns left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _ears(points: list[Point]) -> list[tuple[int, int, int]]:
    """The triangles of a polygon that turns left, by cutting ears; as many as it has corners, less two."""
    count = len(points)
    before, after = [i - 1 for i in range(count)], [i + 1 for i in range(count)]
    before[0], after[-1] = count - 1, 0
    turns = [_turn(points[before[i]], points[i], points[after[i]]) for i in range(count)]
    notches = {i for i in range(count) if turns[i] <= 0}
    triangles = []
    at = 0
    for left in range(count, 3, -1):
        at = _next_ear(points, before, after, turns, notches, at, left)
        a, c = before[at], after[at]
        triangles.append((a, at, c))
        after[a], before[c] = c, a
        notches.discard(at)
        for i in (a, c):
            turns[i] = _turn(points[before[i]], points[i], points[after[i]])
            (notches.add if turns[i] <= 0 else notches.discard)(i)
        at = c
    triangles.append((before[at], at, after[at]))
    return triangles


def _next_ear(
    points: list[Point],
    before: list[int],
    after: list[int],
    turns: list[float],
    notches: set[int],
    first: int,
    left: int,
) -> int:
    """The next corner to cut, from `first` on: an ear, else one without area, else the one that turns left most."""
    i, flat, best = first, None, first
    for _ in range(left):
        if turns[i] > 0:
            if not _holds_any(points[before[i]], points[i], points[after[i]], points, notches):
                return i
        elif turns[i] == 0 and flat is None:
            flat = i
        best = i if turns[i] > turns[best] else best
        i = after[i]
    return best if flat is None else flat


def _holds_any(a: Point, b: Point, c: Point, points: list[Point], notches: set[int]) -> bool:
    """Whether a notch lies in a triangle or on its border; one at the same place as a corner of it does not count."""
    (ax, ay), (bx, by), (cx, cy) = a, b, c
    abx, aby, bcx, bcy, cax, cay = bx - ax, by - ay, cx - bx, cy - by, ax - cx, ay - cy
    for notch in notches:
        x, y = p = points[notch]
        if abx * (y - ay) < aby * (x - ax) or bcx * (y - by) < bcy * (x - bx) or cax * (y - cy) < cay * (x - cx):
            continue
        if p not in (a, b, c):
            return True
    return False
