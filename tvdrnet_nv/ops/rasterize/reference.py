"""rasterize by brute force: every triangle against every pixel's centre."""

from __future__ import annotations

from fractions import Fraction

import torch
from torch import Tensor

SAME_DEPTH = 1e-11
ROUNDING = 1e-15  # of a sum of a few products, as a share of these


def pixel_centers(height: int, width: int) -> Tensor:
    """NDC (x, y) of every pixel's centre, float64 [H, W, 2], row 0 at the bottom."""
    y, x = torch.meshgrid(
        (2 * torch.arange(height, dtype=torch.float64) + 1) / height - 1,
        (2 * torch.arange(width, dtype=torch.float64) + 1) / width - 1,
        indexing="ij",
    )
    return torch.stack((x, y), dim=-1)


def coverage(corners: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """Where a clip-space triangle [3, 4] is seen within the view volume: of NDC points [..., 2], bool [...]; and z/w.

    The ray through a point meets the triangle where the corners' (x, y, w) with three positive weights add up to
    (X, Y, 1). Each weight is a line through two corners, as the point sees them: zero on that edge. A point on an edge
    counts as if it were moved a little to the right, and by much less upwards: it belongs to one of the triangles that
    share the edge, and at a shared vertex to one of them all.
    """
    x, y, z, w = corners.unbind(-1)
    seen = torch.stack((x, y, w), dim=-1)
    lines = torch.linalg.cross(seen.roll(-1, 0), seen.roll(-2, 0))  # [3, 3]: of the edge opposite each corner
    twice_area = (lines[0] * seen[0]).sum()
    if twice_area == 0:
        return torch.zeros(points.shape[:-1], dtype=torch.bool), torch.zeros(points.shape[:-1], dtype=torch.float64)
    lines = lines * twice_area.sign()
    values = points @ lines[:, :2].T + lines[:, 2]
    right, up = lines[:, 0], lines[:, 1]
    signs = _exact_signs(seen, twice_area, points, values)
    inside = torch.where(signs == 0, (right > 0) | ((right == 0) & (up > 0)), signs > 0)
    depth = (values @ z) / twice_area.abs()
    return inside.all(-1) & (depth.abs() <= 1 + SAME_DEPTH), depth


def _exact_signs(seen: Tensor, twice_area: Tensor, points: Tensor, values: Tensor) -> Tensor:
    """The signs of `values` [..., 3]: by exact arithmetic, where rounding leaves them in doubt."""
    p, q = seen.roll(-1, 0), seen.roll(-2, 0)
    terms = p.abs().roll(-1, 1) * q.abs().roll(-2, 1) + p.abs().roll(-2, 1) * q.abs().roll(-1, 1)
    doubtful = values.abs() <= ROUNDING * (points.abs() @ terms[:, :2].T + terms[:, 2])
    signs = values.sign()
    for *pixel, edge in doubtful.nonzero().tolist():
        (a, b, c), (d, e, f) = (map(Fraction, corner[edge].tolist()) for corner in (p, q))
        x, y = map(Fraction, points[tuple(pixel)].tolist())
        exact = ((b * f - c * e) * x + (c * d - a * f) * y + (a * e - b * d)) * Fraction(float(twice_area))
        signs[(*pixel, edge)] = (exact > 0) - (exact < 0)
    return signs


def barycentrics(corners: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """Where the rays through NDC points [N, 2] meet the planes of clip-space triangles [N, 3, 4].

    Solves sum b_k (x_k - X w_k) = 0, sum b_k (y_k - Y w_k) = 0, sum b_k = 1.
    Returns b [N, 3] and (db/dX, db/dY) [N, 3, 2].
    """
    x, y, _, w = corners.unbind(-1)
    system = torch.stack((x - points[:, :1] * w, y - points[:, 1:] * w, torch.ones_like(w)), dim=1)
    right = torch.zeros(len(points), 3, 1, dtype=torch.float64)
    right[:, 2] = 1
    b = torch.linalg.solve(system, right)[..., 0]
    # Differentiating the first equation by X: sum db_k/dX (x_k - X w_k) = sum b_k w_k. The second by Y likewise.
    w_here = (b * w).sum(-1)
    zero = torch.zeros_like(w_here)
    moved = torch.stack((torch.stack((w_here, zero, zero), -1), torch.stack((zero, w_here, zero), -1)), dim=-1)
    return b, torch.linalg.solve(system, moved)


def visible(pos: Tensor, tri: Tensor, first: int, count: int, centers: Tensor) -> tuple[Tensor, Tensor]:
    """The nearest triangle, int64 [H, W] (-1: none), and its z/w, float64 [H, W]."""
    ids = torch.full(centers.shape[:2], -1)
    depth = torch.full(centers.shape[:2], torch.inf, dtype=torch.float64)
    named = tri[first : first + count]
    distinct = (named != named.roll(1, 1)).all(1)  # a triangle that names a vertex twice has no area
    for face in (first + distinct.nonzero()[:, 0]).tolist():
        corners = pos[tri[face].long()]
        if not bool(corners.isfinite().all()):
            continue
        covered, here = coverage(corners, centers)
        nearer = covered & (here < depth - SAME_DEPTH)  # ids rise: at equal depth the lower one is there already
        ids[nearer] = face
        depth[nearer] = here[nearer]
    return ids, depth


def depth_of(pos: Tensor, tri: Tensor, ids: Tensor, centers: Tensor) -> Tensor:
    """z/w of the triangles `ids` [H, W] at the pixels' centres, float64 [H, W]; infinite where there is none."""
    depth = torch.full(ids.shape, torch.inf, dtype=torch.float64)
    for face in ids[ids >= 0].unique().tolist():
        _, here = coverage(pos[tri[face].long()], centers)
        depth = torch.where(ids == face, here, depth)
    return depth


def rasterize(
    pos: Tensor,
    tri: Tensor,
    resolution: tuple[int, int],
    ranges: Tensor | None = None,
    seen: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """rast and rast_db, float64 [B, H, W, 4]; gradients flow from u, v and rast_db into x, y, w of `pos`.

    `seen` [B, H, W] names the triangle that each pixel sees, -1 for none, instead of the nearest one.
    """
    pos = pos.double()
    height, width = resolution
    centers = pixel_centers(height, width)
    batch = len(pos) if ranges is None else len(ranges)
    rasts, dbs = [], []
    for b in range(batch):
        vertices = pos[b] if ranges is None else pos
        first, count = (0, len(tri)) if ranges is None else map(int, ranges[b])
        if seen is None:
            ids, depth = visible(vertices.detach(), tri, first, count, centers)
        else:
            ids, depth = seen[b], depth_of(vertices.detach(), tri, seen[b], centers)
        rows, columns = (ids >= 0).nonzero(as_tuple=True)
        rast = torch.zeros(height, width, 4, dtype=torch.float64)
        db = torch.zeros(height, width, 4, dtype=torch.float64)
        if len(rows) > 0:
            corners = vertices[tri[ids[rows, columns]].long()]
            bary, slopes = barycentrics(corners, centers[rows, columns])
            z, name = depth[rows, columns].clamp(-1, 1), ids[rows, columns].double() + 1
            hit = torch.stack((bary[:, 0], bary[:, 1], z, name), dim=-1)
            per_pixel = slopes * torch.tensor((2 / width, 2 / height), dtype=torch.float64)
            rast = rast.index_put((rows, columns), hit)
            db = db.index_put((rows, columns), per_pixel[:, :2].flatten(1))
        rasts.append(rast)
        dbs.append(db)
    return torch.stack(rasts), torch.stack(dbs)
