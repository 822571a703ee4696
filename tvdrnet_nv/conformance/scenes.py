"""Scenes for the conformance cases and the tests of the ops, made from seeds."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from tvdrnet_nv.ops import RasterizeCudaContext

CTX = RasterizeCudaContext()
DTYPES = (torch.float32, torch.float64)
ROUNDING = {torch.float32: 2e-6, torch.float64: 2e-12}


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=generator(seed), dtype=torch.float64)


def uniform(seed: int, *shape: int) -> Tensor:
    return torch.rand(*shape, generator=generator(seed), dtype=torch.float64)


def all_triangles(count: int) -> Tensor:
    """[count, 3]: each triangle with three vertices of its own."""
    return torch.arange(3 * count, dtype=torch.int32).reshape(count, 3)


def random_faces(seed: int, vertices: int, count: int) -> Tensor:
    g = generator(seed)
    return torch.stack([torch.randperm(vertices, generator=g)[:3] for _ in range(count)]).int()


def soup(seed: int, batch: int = 2, vertices: int = 12, triangles: int = 10) -> tuple[Tensor, Tensor]:
    """Random vertices, float64 [B, V, 4], about a sixth of them behind the camera, and faces that share them."""
    pos = normal(seed, batch, vertices, 4)
    pos[..., 3] = 2 * pos[..., 3].abs() - 0.4
    return pos, random_faces(seed + 1, vertices, triangles)


def to_clip(points: Tensor, resolution: tuple[int, int], z: float | Tensor = 0.0, w: float | Tensor = 1.0) -> Tensor:
    """Clip-space vertices, [..., 4], at screen points [..., 2] in pixels (x right, y up), with depths z/w."""
    height, width = resolution
    ndc = points.double() / torch.tensor((width / 2, height / 2), dtype=torch.float64) - 1
    z, w = (torch.as_tensor(value, dtype=torch.float64).expand(points.shape[:-1])[..., None] for value in (z, w))
    return torch.cat((ndc * w, z * w, w), dim=-1)


def icosphere_like(seed: int) -> tuple[Tensor, Tensor]:
    """A closed, dented octahedron with each face split in four: float64 [18, 3] of radius about 1, int32 [32, 3]."""
    corners = torch.cat((torch.eye(3), -torch.eye(3))).double()
    points = list(corners)
    middles: dict[frozenset[int], int] = {}

    def middle(i: int, j: int) -> int:
        key = frozenset((i, j))
        if key not in middles:
            middles[key] = len(points)
            points.append(torch.nn.functional.normalize(points[i] + points[j], dim=0))
        return middles[key]

    faces = []
    for x, y, z in itertools.product((0, 3), (1, 4), (2, 5)):
        xy, yz, zx = middle(x, y), middle(y, z), middle(z, x)
        faces += [(x, xy, zx), (xy, y, yz), (zx, yz, z), (xy, yz, zx)]
    vertices = torch.stack(points)
    return vertices * (1 + 0.5 * (uniform(seed, len(points), 1) - 0.5)), torch.tensor(faces, dtype=torch.int32)


def ball(seed: int, batch: int = 1) -> tuple[Tensor, Tensor]:
    """The dented octahedron before random cameras: float64 [B, 18, 4] within the view volume, and its faces."""
    vertices, faces = icosphere_like(seed)
    rotation, _ = torch.linalg.qr(normal(seed + 1, batch, 3, 3))
    seen = vertices @ rotation
    depth = seen[..., 2:] + 3.0
    return torch.cat((2 * seen[..., :2], depth - 2.5, depth), dim=-1), faces


def split_square(seed: int, resolution: tuple[int, int], points: int) -> tuple[Tensor, Tensor]:
    """A random triangulation of the whole image whose vertices lie on pixel centres, edges' middles and corners.

    Points of the half-pixel lattice are inserted one by one into two triangles; one on an edge splits both triangles
    there: no T-junctions, and no triangle is empty. Returns half-pixel coordinates, int64 [V, 2], and faces.
    """
    height, width = resolution
    where = [(0, 0), (2 * width, 0), (2 * width, 2 * height), (0, 2 * height)]
    faces = [(0, 1, 2), (0, 2, 3)]

    def side(a: int, b: int, p: tuple[int, int]) -> int:
        (ax, ay), (bx, by) = where[a], where[b]
        return (bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax)

    g = generator(seed)
    for _ in range(points):
        x, y = (int(torch.randint(n, (1,), generator=g)) for n in (2 * width + 1, 2 * height + 1))
        if (x, y) in where:
            continue
        kept, new = [], []
        for a, b, c in faces:
            sides = (side(a, b, (x, y)), side(b, c, (x, y)), side(c, a, (x, y)))
            if min(sides) < 0:
                kept.append((a, b, c))
            else:
                edges = zip(((a, b), (b, c), (c, a)), sides, strict=True)
                new += [(i, j, len(where)) for (i, j), s in edges if s > 0]
        where.append((x, y))
        faces = kept + new
    order = torch.randperm(len(faces), generator=g)
    return torch.tensor(where), torch.tensor(faces, dtype=torch.int32)[order]
