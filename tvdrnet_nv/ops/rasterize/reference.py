"""rasterize by brute force: clip every triangle to the view volume, project, test every pixel's centre."""

from __future__ import annotations

import torch
from torch import Tensor

# -w <= x, y, z <= w as half-spaces n . (x, y, z, w) >= 0, and w > 0, which they only imply together.
PLANES = (
    *((*(s if i == axis else 0.0 for i in range(3)), 1.0) for axis in range(3) for s in (1.0, -1.0)),
    (0.0, 0.0, 0.0, 1.0),
)
SAME_DEPTH = 1e-11


def pixel_centers(height: int, width: int) -> Tensor:
    """NDC (x, y) of every pixel's centre, float64 [H, W, 2], row 0 at the bottom."""
    y, x = torch.meshgrid(
        (2 * torch.arange(height, dtype=torch.float64) + 1) / height - 1,
        (2 * torch.arange(width, dtype=torch.float64) + 1) / width - 1,
        indexing="ij",
    )
    return torch.stack((x, y), dim=-1)


def clip_polygon(corners: Tensor) -> Tensor:
    """The part of a triangle, [3, 4], inside the view volume: a polygon [N, 4] (Sutherland and Hodgman 1974)."""
    polygon = corners.tolist()
    for plane in PLANES:
        side = [sum(n * c for n, c in zip(plane, corner, strict=True)) for corner in polygon]
        clipped = []
        for i, here in enumerate(polygon):
            there, d_here, d_there = polygon[i - 1], side[i], side[i - 1]
            if (d_here >= 0) != (d_there >= 0):
                part = d_here / (d_here - d_there)
                clipped.append([p + part * (q - p) for p, q in zip(here, there, strict=True)])
            if d_here >= 0:
                clipped.append(here)
        polygon = clipped
    return torch.tensor(polygon, dtype=torch.float64).reshape(-1, 4)


def inside_convex(polygon: Tensor, points: Tensor) -> Tensor:
    """Which points [..., 2] lie inside a convex polygon [N, 2] of either orientation: bool [...]."""
    following = polygon.roll(-1, 0)
    twice_area = (polygon[:, 0] * following[:, 1] - polygon[:, 1] * following[:, 0]).sum()
    edge = following - polygon  # [N, 2]
    rest = points[..., None, :] - polygon
    side = edge[:, 0] * rest[..., 1] - edge[:, 1] * rest[..., 0]
    return (side * twice_area.sign() > 0).all(-1)


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
        polygon = clip_polygon(corners)
        if len(polygon) < 3:
            continue
        rows, columns = inside_convex(polygon[:, :2] / polygon[:, 3:], centers).nonzero(as_tuple=True)
        if len(rows) == 0:
            continue
        # On a plane, z = a x + b y + c w: z/w is linear in the screen's x/w and y/w.
        plane = torch.linalg.solve(corners[:, [0, 1, 3]], corners[:, 2])
        here = centers[rows, columns] @ plane[:2] + plane[2]
        nearer = here < depth[rows, columns] - SAME_DEPTH  # ids rise: at equal depth the lower one is there already
        ids[rows[nearer], columns[nearer]] = face
        depth[rows[nearer], columns[nearer]] = here[nearer]
    return ids, depth


def depth_of(pos: Tensor, tri: Tensor, ids: Tensor, centers: Tensor) -> Tensor:
    """z/w of the triangles `ids` [H, W] at the pixels' centres, float64 [H, W]; infinite where there is none."""
    depth = torch.full(ids.shape, torch.inf, dtype=torch.float64)
    hit = ids >= 0
    corners = pos[tri[ids[hit]].long()]
    planes = torch.linalg.solve(corners[:, :, [0, 1, 3]], corners[:, :, 2])
    depth[hit] = (centers[hit] * planes[:, :2]).sum(-1) + planes[:, 2]
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
