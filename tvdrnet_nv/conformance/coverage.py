"""Which pixels a triangle covers: every centre once."""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor

from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import all_triangles, normal, soup, split_square, to_clip, uniform
from tvdrnet_nv.conformance.tested_backend import TestedBackend
from tvdrnet_nv.ops import references


@case("rasterize", "a pixel is covered when its centre is inside")
def covered_when_the_centre_is_inside(b: TestedBackend) -> None:
    """Each side of a triangle in turn is moved past a centre by more than the coarsest backend's step."""
    for step in (-0.2, 0.2):
        points = torch.tensor([[3.5 + step, -50.0], [3.5 + step, 50.0], [-60.0, 3.0]])
        for turned in (points, points.flip(1)):
            hit = b.ids(to_clip(turned, (8, 8))[None], all_triangles(1), (8, 8))[0] >= 0
            along = hit[0] if turned is points else hit[:, 0]
            assert along.tolist() == [i < (4 if step > 0 else 3) for i in range(8)]


@case("rasterize", "random triangles, some behind the camera, cover what the reference says")
def random_triangles(b: TestedBackend) -> None:
    for seed, resolution in enumerate(((1, 1), (7, 5), (16, 16), (9, 16))):
        pos, tri = soup(seed)
        rast, db = b.rasterize(pos, tri, resolution)
        want, want_db = references.rasterize(b.rounded(pos), tri, resolution)
        same = b.assert_same_ids(rast[..., 3].double(), want[..., 3])
        b.assert_close(rast[same], want[same])
        b.assert_close(db[same], want_db[same], scale=1 if b.exact else 50)


@case("rasterize", "a centre on a shared edge belongs to exactly one of the two triangles")
def shared_edges(b: TestedBackend) -> None:
    """For all orders of both triangles' vertices. Half-pixel coordinates: odd ones are pixel centres."""
    odd = 2 * torch.arange(8, dtype=torch.float64) + 1
    centres = torch.stack(torch.meshgrid(odd, odd, indexing="xy"), dim=-1)
    for edge in (((1, 1), (15, 15)), ((1, 15), (15, 1)), ((7, 0), (7, 16)), ((0, 7), (16, 7)), ((1, 3), (13, 9))):
        start, end = (torch.tensor(p, dtype=torch.float64) for p in edge)
        along = end - start
        off = torch.stack((-along[1], along[0]))
        pos = to_clip(torch.stack((start, end, start + off, start - off)) / 2, (8, 8))
        rest = centres - start
        on_edge = (rest @ off == 0) & (rest @ along > 0) & (rest @ along < along @ along)
        assert int(on_edge.sum()) >= 2
        for first, second in itertools.product(itertools.permutations((0, 1, 2)), itertools.permutations((0, 1, 3))):
            hits = b.hits(pos, torch.tensor((first, second), dtype=torch.int32), (8, 8))
            assert int(hits.max()) == 1
            assert bool((hits[on_edge] == 1).all())


def _triangulation(seed: int, resolution: tuple[int, int], w: Tensor | float) -> tuple[Tensor, Tensor]:
    """Of the whole image: edges through pixel centres, windings mixed. Rounding must not move the border."""
    where, tri = split_square(seed, resolution, 60)
    pos = to_clip(where / 2, resolution, w=w).float().double()
    on_border = to_clip(where / 2, resolution)[:, :2].abs() == 1
    pos[:, :2] = torch.where(on_border, pos[:, :2].sign() * pos[:, 3:], pos[:, :2])
    return pos, torch.where(uniform(seed + 2, len(tri), 1) < 0.5, tri, tri.flip(1))


@case("rasterize", "no holes, no double hits: a triangulation of the image hits every pixel once")
def a_triangulation_hits_every_pixel_once(b: TestedBackend) -> None:
    for seed, resolution in enumerate(((16, 16), (8, 32), (11, 13))):
        pos, tri = _triangulation(seed, resolution, 1.0)
        assert bool((b.hits(pos, tri, resolution) == 1).all())
        assert bool((b.ids(pos[None], tri, resolution) >= 0).all())


@case("rasterize", "no holes, no double hits, with each vertex at a depth of its own")
def a_triangulation_in_perspective(b: TestedBackend) -> None:
    for seed in range(3):
        w = 2.0 ** torch.randint(-2, 3, (200,), generator=torch.Generator().manual_seed(seed)).double()
        where, _ = split_square(seed, (16, 16), 60)
        pos, tri = _triangulation(seed, (16, 16), w[: len(where)])
        assert bool((b.hits(pos, tri, (16, 16)) == 1).all())


@case("rasterize", "a centre on a shared vertex belongs to exactly one triangle of the fan")
def shared_vertices(b: TestedBackend) -> None:
    for spokes, center in itertools.product((4, 8, 97), ((8, 8), (7, 7), (8, 7), (0, 0), (15, 15))):
        angle = 2 * math.pi * torch.arange(spokes, dtype=torch.float64) / spokes
        ring = 64 * torch.stack((angle.cos(), angle.sin()), dim=1)
        if spokes <= 8:
            ring = ring.sign() * (ring.abs() > 1e-9) * 64
        points = (torch.cat((torch.zeros(1, 2), ring)) + torch.tensor(center)) / 2
        tri = torch.tensor([(0, 1 + i, 1 + (i + 1) % spokes) for i in range(spokes)], dtype=torch.int32)
        assert bool((b.hits(to_clip(points, (8, 8)), tri, (8, 8)) == 1).all())


@case("rasterize", "thin slivers side by side leave no hole and no double hit")
def slivers(b: TestedBackend) -> None:
    """200 columns on 8 pixels: each 8 pixels long and 1/25 wide, most of which hit nothing."""
    n = 201
    x = torch.linspace(0, 8, n, dtype=torch.float64)
    points = torch.cat((torch.stack((x, 0 * x), 1), torch.stack((x, 0 * x + 8), 1)))
    tri = [(i, i + 1, n + i + 1) for i in range(n - 1)] + [(i, n + i + 1, n + i) for i in range(n - 1)]
    assert bool((b.hits(to_clip(points, (8, 8)), torch.tensor(tri, dtype=torch.int32), (8, 8)) == 1).all())


@case("rasterize", "slivers thinner than a float32 step leave no hole", extra="decided exactly on the CPU only")
def slivers_thinner_than_rounding(b: TestedBackend) -> None:
    for seed in range(3):
        angle = (1e-7 * uniform(seed, 300)).cumsum(0) + 0.5
        rim = torch.stack((angle.cos(), angle.sin()), dim=1) * 4000
        hub = torch.tensor([[-20.0, -12.0]], dtype=torch.float64) + 0.1 * normal(seed, 1, 2)
        around = torch.tensor([[4000.0, -4000.0], [-4000.0, 4000.0]], dtype=torch.float64)
        pos = to_clip(torch.cat((hub, around[:1], hub + rim, around[1:])), (24, 24))
        tri = torch.tensor([(0, i, i + 1) for i in range(1, len(pos) - 1)], dtype=torch.int32)
        assert bool((b.hits(pos, tri, (24, 24)) == 1).all())


@case("rasterize", "sub-pixel triangles: every pixel once")
def sub_pixel_triangles(b: TestedBackend) -> None:
    """64 cells to 8 pixels: every centre is a shared vertex of six triangles; 40: inside, on none."""
    for cells in (40, 64):
        along = torch.linspace(-1, 1, cells + 1, dtype=torch.float64)
        y, x = torch.meshgrid(along, along, indexing="ij")
        pos = torch.stack((x, y, 0 * x, 0 * x + 1), dim=-1).reshape(-1, 4)
        corner = (torch.arange(cells)[:, None] * (cells + 1) + torch.arange(cells)).reshape(-1)
        right, up = corner + 1, corner + cells + 1
        tri = torch.cat((torch.stack((corner, right, up), 1), torch.stack((right, up + 1, up), 1))).int()
        ids = b.ids(pos[None], tri, (8, 8))
        assert bool((ids >= 0).all())
        # Each of them alone: only those near a centre can hit.
        near = tri[ids[0].unique()]
        assert bool((b.hits(pos, near, (8, 8)) == 1).all())


@case("rasterize", "at a T-junction whose vertex lies exactly on the edge, every pixel once")
def t_junctions(b: TestedBackend) -> None:
    """The edge is axis-parallel or diagonal, so that its middle is exactly on it in floating point."""
    for start, end, side in (
        ((4, 0), (4, 8), 20),
        ((0, 3.5), (8, 3.5), 20),
        ((0, 0), (8, 8), 20),
        ((8, 0), (0, 8), 20),
    ):
        a, c = torch.tensor(start, dtype=torch.float64), torch.tensor(end, dtype=torch.float64)
        off = torch.stack((-(c - a)[1], (c - a)[0])) / 8 * side
        # Beyond both ends, so that the whole image lies on the two sides of the edge.
        a, c = a - 4 * (c - a), c + 4 * (c - a)
        middle = (a + c) / 2
        pos = to_clip(torch.stack((a, c, middle, middle + 3 * off, middle - 3 * off)), (8, 8))
        tri = torch.tensor([[0, 1, 3], [0, 2, 4], [2, 1, 4]], dtype=torch.int32)
        assert bool((b.hits(pos, tri, (8, 8)) == 1).all())


@case("rasterize", "no back-face culling: the other winding covers the same, with u and v exchanged")
def both_windings(b: TestedBackend) -> None:
    pos, tri = soup(5, batch=1, vertices=30, triangles=12)
    rast, db = b.rasterize(pos, tri, (24, 24))
    turned, turned_db = b.rasterize(pos, tri[:, [1, 0, 2]], (24, 24))
    same = b.assert_same_ids(rast[..., 3], turned[..., 3])
    assert bool((rast[..., 3] > 0).any())
    b.assert_close(turned[same], rast[same][..., [1, 0, 2, 3]], scale=4)
    b.assert_close(turned_db[same], db[same][..., [2, 3, 0, 1]], scale=4 if b.exact else 50)
