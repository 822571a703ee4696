"""Every pixel of a closed surface is hit once: no hole, no overlap."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from tests.ops.rasters import hits_alone, ids
from tvdrnet_nv.conformance.scenes import CTX, DTYPES, ball, normal, soup, split_square, to_clip, uniform
from tvdrnet_nv.ops import rasterize


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("perspective", [False, True])
@pytest.mark.parametrize("resolution", [(16, 16), (8, 32), (11, 13)])
@pytest.mark.parametrize("seed", range(3))
def test_a_mesh_of_the_image_hits_every_pixel_once(seed, resolution, perspective, dtype):
    """Vertices on pixel centres, edges through them; at 11 x 13 they are off by rounding, yet shared."""
    where, tri = split_square(seed, resolution, 60)
    w = 2 ** (4 * uniform(seed + 9, len(where)) - 2) if perspective else 1.0
    pos = to_clip(where / 2, resolution, w=w).to(dtype)
    # Points of the border stay on it: rounding must not pull the mesh inside the image.
    on_border = to_clip(where / 2, resolution)[:, :2].abs() == 1
    pos[:, :2] = torch.where(on_border, pos[:, :2].sign() * pos[:, 3:], pos[:, :2])
    flipped = torch.where(uniform(seed + 2, len(tri), 1) < 0.5, tri, tri.flip(1))  # windings mixed
    assert (hits_alone(pos, flipped, resolution) == 1).all()
    together, _ = rasterize(CTX, pos[None], flipped, resolution)
    assert (together[..., 3] > 0).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("center", [(8, 8), (7, 7), (8, 7), (0, 0), (15, 15)])
@pytest.mark.parametrize("spokes", [4, 8, 97])
def test_a_fan_about_a_lattice_point_hits_every_pixel_once(spokes, center, dtype):
    """Half-pixel coordinates: odd ones are pixel centres. With 4 and 8 spokes, edges run through centres as well."""
    angle = 2 * math.pi * torch.arange(spokes, dtype=torch.float64) / spokes
    ring = 64 * torch.stack((angle.cos(), angle.sin()), dim=1)
    if spokes <= 8:
        ring = ring.sign() * (ring.abs() > 1e-9) * 64
    points = (torch.cat((torch.zeros(1, 2), ring)) + torch.tensor(center)) / 2
    pos = to_clip(points, (8, 8)).to(dtype)
    tri = torch.tensor([(0, 1 + i, 1 + (i + 1) % spokes) for i in range(spokes)], dtype=torch.int32)
    assert (hits_alone(pos, tri, (8, 8)) == 1).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("columns", [3, 16, 200])
def test_a_strip_hits_every_pixel_once(columns, dtype):
    """200 columns on 8 pixels are slivers 100 pixels long, most of which hit nothing."""
    x = torch.linspace(0, 8, columns + 1, dtype=torch.float64)
    points = torch.cat((torch.stack((x, 0 * x), 1), torch.stack((x.roll(1), 0 * x + 8), 1)))
    points[columns + 1] = torch.tensor((0.0, 8.0))
    points = torch.cat((points, torch.tensor([[8.0, 8.0]])))
    n = columns + 1
    tri = [(i, i + 1, n + i + 1) for i in range(columns)] + [(i, n + i + 1, n + i) for i in range(1, columns)]
    tri.append((columns, 2 * n, n + columns))
    pos = to_clip(points, (8, 8)).to(dtype)
    assert (hits_alone(pos, torch.tensor(tri, dtype=torch.int32), (8, 8)) == 1).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("cells", [40, 64])
def test_sub_pixel_triangles_leave_no_hole(cells, dtype):
    """64 cells to 8 pixels: every centre is a shared vertex of six triangles; 40: inside, on none."""
    along = torch.linspace(-1, 1, cells + 1, dtype=torch.float64)
    y, x = torch.meshgrid(along, along, indexing="ij")
    pos = torch.stack((x, y, 0 * x, 0 * x + 1), dim=-1).reshape(-1, 4).to(dtype)
    corner = (torch.arange(cells)[:, None] * (cells + 1) + torch.arange(cells)).reshape(-1)
    right, up = corner + 1, corner + cells + 1
    tri = torch.cat((torch.stack((corner, right, up), 1), torch.stack((right, up + 1, up), 1))).int()
    assert (hits_alone(pos, tri, (8, 8)) == 1).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(6))
def test_slivers_across_the_image_leave_no_hole(seed, dtype):
    """A fan whose spokes differ by less than a float32 step of the far vertices: most triangles are thinner than it."""
    angle = (1e-7 * uniform(seed, 300)).cumsum(0) + 0.5
    rim = torch.stack((angle.cos(), angle.sin()), dim=1) * 4000
    hub = torch.tensor([[-20.0, -12.0]], dtype=torch.float64) + 0.1 * normal(seed, 1, 2)
    around = torch.tensor([[4000.0, -4000.0], [-4000.0, 4000.0]], dtype=torch.float64)
    pos = to_clip(torch.cat((hub, around[:1], hub + rim, around[1:])), (24, 24)).to(dtype)
    tri = torch.tensor([(0, i, i + 1) for i in range(1, len(pos) - 1)], dtype=torch.int32)
    assert (hits_alone(pos, tri, (24, 24)) == 1).all()


def test_pixels_on_the_common_edge_go_to_one_side():
    """For all orders of both triangles' vertices. Half-pixel coordinates: odd ones are pixel centres."""
    odd = 2 * torch.arange(8, dtype=torch.float64) + 1
    centres = torch.stack(torch.meshgrid(odd, odd, indexing="xy"), dim=-1)
    for edge in (((1, 1), (15, 15)), ((1, 15), (15, 1)), ((7, 0), (7, 16)), ((0, 7), (16, 7)), ((1, 3), (13, 9))):
        a, b = (torch.tensor(p, dtype=torch.float64) for p in edge)
        along = b - a
        off = torch.stack((-along[1], along[0]))
        pos = to_clip(torch.stack((a, b, a + off, a - off)) / 2, (8, 8))
        rest = centres - a
        on_edge = (rest @ off == 0) & (rest @ along > 0) & (rest @ along < along @ along)
        assert on_edge.sum() >= 2
        for first, second in itertools.product(itertools.permutations((0, 1, 2)), itertools.permutations((0, 1, 3))):
            hits = hits_alone(pos, torch.tensor((first, second), dtype=torch.int32), (8, 8))
            assert hits.max() == 1
            assert (hits[on_edge] == 1).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(4))
def test_both_windings_are_kept(seed, dtype):
    pos, tri = soup(seed, batch=1, vertices=30, triangles=12)
    rast, db = rasterize(CTX, pos.to(dtype), tri, (20, 20))
    turned, turned_db = rasterize(CTX, pos.to(dtype), tri[:, [1, 0, 2]], (20, 20))
    assert torch.equal(ids(rast), ids(turned))
    assert (rast[..., 3] > 0).any()
    torch.testing.assert_close(turned, rast[..., [1, 0, 2, 3]])
    torch.testing.assert_close(turned_db, db[..., [2, 3, 0, 1]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(4))
def test_a_room_around_the_camera_is_seen_at_every_pixel_once(seed, dtype):
    """The dented octahedron is star-shaped about the eye: each ray leaves it once, and most vertices lie behind."""
    vertices, tri = ball(seed)[0][0], ball(seed)[1]
    directions = torch.stack((vertices[:, 0] / 2, vertices[:, 1] / 2, vertices[:, 3] - 3), dim=1)
    pos = torch.stack((directions[:, 0], directions[:, 1], 0 * directions[:, 0], directions[:, 2]), dim=1)
    assert (pos[:, 3] < 0).any()
    assert (hits_alone(pos.to(dtype), tri, (23, 23)) == 1).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("resolution", [(15, 15), (16, 16), (9, 15)])
def test_a_room_whose_edges_run_through_pixel_centres(resolution, dtype):
    """An octahedron about the eye: w is 0 at four vertices, and the fifth is at the middle of the image."""
    pos = torch.zeros(6, 4, dtype=dtype)
    pos[0, 0] = pos[1, 1] = pos[2, 3] = 1
    pos[3:] = -pos[:3]
    tri = torch.tensor(list(itertools.product((0, 3), (1, 4), (2, 5))), dtype=torch.int32)
    for order in itertools.permutations(range(3)):
        assert (hits_alone(pos, tri[:, list(order)], resolution) == 1).all()
