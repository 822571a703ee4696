from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv.conformance import twins
from tvdrnet_nv.conformance.scenes import (
    CTX,
    DTYPES,
    ROUNDING,
    all_triangles,
    ball,
    generator,
    normal,
    random_faces,
    soup,
    split_square,
    to_clip,
    uniform,
)
from tvdrnet_nv.ops import rasterize

PLANES = [(axis, sign) for axis in range(3) for sign in (-1, 1)]


def hits_alone(pos: Tensor, tri: Tensor, resolution: tuple[int, int]) -> Tensor:
    """How many of the triangles hit each pixel when each is rasterized alone: int64 [H, W]. pos [V, 4]."""
    ranges = torch.stack((torch.arange(len(tri)), torch.ones(len(tri), dtype=torch.int64)), dim=1).int()
    rast, _ = rasterize(CTX, pos, tri, resolution, ranges=ranges)
    return (rast[..., 3] > 0).sum(0)


def ids(rast: Tensor) -> Tensor:
    return rast[..., 3].long() - 1


def assert_like_twin(pos: Tensor, tri: Tensor, resolution: tuple[int, int], ranges: Tensor | None = None) -> Tensor:
    rast, db = rasterize(CTX, pos, tri, resolution, ranges=ranges)
    want, want_db = twins.rasterize(pos, tri, resolution, ranges)
    assert rast.dtype == db.dtype == pos.dtype
    assert rast.shape == db.shape == want.shape
    assert torch.equal(ids(rast), ids(want))
    tolerance = ROUNDING[pos.dtype]
    torch.testing.assert_close(rast.double(), want, rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(db.double(), want_db, rtol=tolerance, atol=tolerance)
    return rast


# --- pixels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resolution", [(1, 1), (2, 3), (5, 4), (8, 8), (7, 13)])
def test_pixel_centres_and_row_0_at_the_bottom(resolution):
    height, width = resolution
    # u = (x + 1) / 4 and v = (y + 1) / 4 over the whole image.
    pos = torch.tensor([[[3, -1, 0.5, 1], [-1, 3, 0.5, 1], [-1, -1, 0.5, 1]]], dtype=torch.float64)
    rast, db = rasterize(CTX, pos, all_triangles(1), resolution)
    assert rast.shape == db.shape == (1, height, width, 4)
    x = (2 * torch.arange(width, dtype=torch.float64) + 1) / width - 1
    y = (2 * torch.arange(height, dtype=torch.float64) + 1) / height - 1
    torch.testing.assert_close(rast[0, ..., 0], ((x + 1) / 4).expand(height, width))
    torch.testing.assert_close(rast[0, ..., 1], ((y + 1) / 4)[:, None].expand(height, width))
    assert (rast[..., 2] == 0.5).all()
    assert (rast[..., 3] == 1).all()
    torch.testing.assert_close(
        db[0], torch.tensor((0.5 / width, 0, 0, 0.5 / height), dtype=torch.float64).expand(height, width, 4)
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("resolution", [(3, 5), (8, 6)])
def test_every_pixel_has_its_own_centre(resolution, dtype):
    height, width = resolution
    for py, px in itertools.product(range(height), range(width)):
        near = torch.tensor([[-0.1, -0.08], [0.1, -0.09], [0.01, 0.12]]) + torch.tensor([px + 0.5, py + 0.5])
        rast, _ = rasterize(CTX, to_clip(near, resolution)[None].to(dtype), all_triangles(1), resolution)
        assert rast[0, ..., 3].nonzero().tolist() == [[py, px]]


@pytest.mark.parametrize("dtype", DTYPES)
def test_depth_is_z_over_w_and_misses_are_zero(dtype):
    points = torch.tensor([[1.1, 0.9], [7.2, 2.3], [3.4, 6.9]])
    pos = to_clip(points, (8, 8), z=torch.tensor([-0.5, 0.25, 0.9]), w=torch.tensor([1.0, 2.0, 4.0]))[None].to(dtype)
    rast = assert_like_twin(pos, all_triangles(1), (8, 8))
    hit = rast[..., 3] > 0
    assert 0 < hit.sum() < 64
    assert (rast[~hit] == 0).all()
    u, v = rast[..., 0][hit], rast[..., 1][hit]
    z, w = pos[0, :, 2], pos[0, :, 3]
    weights = torch.stack((u, v, 1 - u - v), dim=-1)
    torch.testing.assert_close(rast[..., 2][hit], (weights @ z) / (weights @ w))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(3))
def test_barycentrics_stay_in_the_simplex_and_depth_in_the_volume(seed, dtype):
    pos, tri = soup(seed, batch=1, vertices=300, triangles=400)
    rast, _ = rasterize(CTX, pos.to(dtype), tri, (60, 70))
    u, v, z, _ = rast.unbind(-1)
    assert (u >= 0).all()
    assert (v >= 0).all()
    assert (u + v <= 1).all()
    assert (z.abs() <= 1).all()


# --- coverage --------------------------------------------------------------------------------------------------------


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


# --- against the twin ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("resolution", [(1, 1), (7, 5), (12, 12), (9, 16)])
@pytest.mark.parametrize("seed", range(2))
def test_random_triangles_like_the_twin(seed, resolution, dtype):
    pos, tri = soup(seed)
    assert_like_twin(pos.to(dtype), tri, resolution)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [1.0, 0.05, 1e-6])
@pytest.mark.parametrize("seed", range(2))
def test_w_near_zero_like_the_twin(seed, scale, dtype):
    """Vertices about the plane through the eye, on both sides of it; z is kept small so that they are not clipped."""
    pos = normal(seed, 1, 12, 4)
    pos[..., 3] = scale * pos[..., 3]
    pos[..., 2] *= 0.1 * scale
    rast = assert_like_twin(pos.to(dtype), random_faces(seed, 12, 8), (12, 10))
    assert (rast[..., 3] > 0).any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("inside", [1, 2])
@pytest.mark.parametrize(("axis", "sign"), PLANES)
@pytest.mark.parametrize("seed", range(1))
def test_triangles_across_each_plane_like_the_twin(seed, axis, sign, inside, dtype):
    """One or two vertices beyond one plane; some of those land behind the camera as well."""
    pos = normal(seed, 1, 12, 4) * 0.6
    pos[..., 3] = 1 + uniform(seed, 1, 12)
    beyond = torch.arange(12) % 3 >= inside
    pos[0, beyond, axis] = sign * (1.2 + 2 * uniform(seed + 1, int(beyond.sum()))) * pos[0, beyond, 3]
    pos[0, 2::6, 3] *= -0.5
    rast = assert_like_twin(pos.to(dtype), all_triangles(4), (14, 14))
    assert (rast[..., 3] > 0).any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sign", [-1, 1])
def test_near_and_far_cut_where_z_over_w_is_one(sign, dtype):
    # Over the image, z/w runs from -2 to 2 along x: the outer quarters are cut.
    x, y = torch.tensor([-1.0, 1.0, 1.0, -1.0]), torch.tensor([-1.0, -1.0, 1.0, 1.0])
    pos = torch.stack((x, y, 2 * sign * x, torch.ones(4)), dim=-1)[None].to(dtype)
    rast, _ = rasterize(CTX, pos, torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32), (6, 16))
    assert (rast[0, :, :4, 3] == 0).all()
    assert (rast[0, :, 4:12, 3] > 0).all()
    assert (rast[0, :, 12:, 3] == 0).all()


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


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_behind_the_camera_is_not_seen(dtype):
    pos = normal(3, 1, 30, 4)
    pos[..., 2] = 0
    pos[..., 3] = -pos[..., 3].abs() - 0.01
    rast, db = rasterize(CTX, pos.to(dtype), all_triangles(10), (16, 16))
    assert not rast.any()
    assert not db.any()


# --- awkward triangles -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("w", [1.0, 0.25])
@pytest.mark.parametrize(
    "points",
    [
        ((1.5, 1.5), (1.5, 1.5), (5.5, 3.5)),
        ((2.5, 2.5), (2.5, 2.5), (2.5, 2.5)),
        ((0.5, 0.5), (3.5, 3.5), (6.5, 6.5)),
        ((0.5, 4.5), (7.5, 4.5), (3.5, 4.5)),
        ((4.5, 0.5), (4.5, 7.5), (4.5, 3.5)),
        ((0.0, 0.0), (4.0, 2.0), (8.0, 4.0)),
    ],
)
def test_triangles_without_area_hit_nothing(points, w, dtype):
    pos = to_clip(torch.tensor(points), (8, 8), w=w).to(dtype)
    for order in itertools.permutations(range(3)):
        rast, _ = rasterize(CTX, pos[None], torch.tensor([order], dtype=torch.int32), (8, 8))
        assert not rast.any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_triangles_without_extent_in_clip_space_hit_nothing(dtype):
    through_the_eye = torch.tensor([[[1.0, 2, 0, 1], [-1, -2, 0, 1], [3, 6, 0, -1]]], dtype=dtype)
    for pos in (torch.zeros(1, 3, 4, dtype=dtype), through_the_eye):
        rast, _ = rasterize(CTX, pos, all_triangles(1), (9, 9))
        assert not rast.any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("size", [1e3, 1e9, 1e15])
def test_huge_triangles_cover_their_half_of_the_image(size, dtype):
    right = torch.tensor([[[0, -size, 0, 1], [0, size, 0, 1], [size, 0, 0, 1]]], dtype=dtype)
    above = torch.tensor([[[-size, -size, 0, 1], [size, size, 0, 1], [-size, size, 0, 1]]], dtype=dtype)
    rast, db = rasterize(CTX, torch.cat((right, above)), all_triangles(1), (8, 8))
    row, column = torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij")
    assert torch.equal(rast[0, ..., 3] > 0, column >= 4)
    assert (rast[1, row > column][:, 3] == 1).all()
    assert (rast[1, row < column][:, 3] == 0).all()
    assert rast.isfinite().all()
    assert db.isfinite().all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("part", [0.5, 0.99])
def test_vertices_near_the_largest_number_do_no_harm(part, dtype):
    """What such a triangle covers is left open; the others, and the gradients, must stay sound."""
    largest = part * torch.finfo(dtype).max
    pos, tri = ball(5)
    pos, count = pos[0, tri.long()].reshape(1, -1, 4).to(dtype), len(tri)
    want, _ = rasterize(CTX, pos, all_triangles(count), (12, 12))
    huge = largest * torch.tensor([[1, 0, 0.9, 1], [0, -1, 0.9, 1], [-1, 0.5, 0.9, -1]], dtype=dtype)
    both = torch.cat((pos, huge[None]), dim=1).requires_grad_()
    rast, db = rasterize(CTX, both, all_triangles(count + 1), (12, 12))
    others = ids(rast) < count
    assert torch.equal(rast[others], torch.where(ids(rast)[..., None] == count, 0, want)[others])
    assert rast.isfinite().all()
    assert db.isfinite().all()
    (grad,) = torch.autograd.grad(rast[..., :2].sum() + db.sum(), both)
    assert grad[:, :-3].isfinite().all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("component", range(4))
@pytest.mark.parametrize("vertex", range(3))
def test_a_vertex_that_is_not_finite_takes_its_triangle_out(vertex, component, bad, dtype):
    pos, tri = ball(5)
    broken = int(ids(rasterize(CTX, pos, tri, (12, 12))[0]).max())  # one that is seen
    pos, tri = pos[0, tri.long()].reshape(1, -1, 4).to(dtype), all_triangles(len(tri))
    rest = torch.cat((tri[:broken], tri[broken + 1 :]))
    want, want_db = rasterize(CTX, pos, rest, (12, 12))
    want[..., 3] += want[..., 3] > broken
    spoilt = pos.clone()
    spoilt[0, tri[broken, vertex], component] = bad
    spoilt.requires_grad_()
    rast, db = rasterize(CTX, spoilt, tri, (12, 12))
    assert torch.equal(rast, want)
    assert torch.equal(db, want_db)
    (grad,) = torch.autograd.grad(rast[..., :2].sum() + db.sum(), spoilt)
    assert grad.isfinite().all()
    assert grad.any()


# --- order -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_nearest_wins_in_any_order(order, dtype):
    depth = torch.tensor([-0.75, -0.7, 0.0, 0.5])[list(order)]
    corners = torch.tensor([[3.0, -1, 0, 1], [-1, 3, 0, 1], [-1, -1, 0, 1]])
    pos = corners.repeat(4, 1, 1)
    pos[:, :, 2] = depth[:, None]
    rast, _ = rasterize(CTX, pos.reshape(1, 12, 4).to(dtype), all_triangles(4), (3, 3))
    assert (ids(rast) == order.index(0)).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("thin", [1.0, 1e-3, 1e-6])
@pytest.mark.parametrize("seed", range(4))
def test_at_equal_depth_the_lower_id_wins_however_its_vertices_are_ordered(seed, thin, dtype):
    pos = normal(seed, 1, 60, 4)
    pos[..., 3] = pos[..., 3].abs() + 0.1
    pos[..., 2] *= 0.05
    pos[:, 2::3] = (pos[:, 0::3] + pos[:, 1::3]) / 2 + thin * pos[:, 2::3]
    pos = pos.to(dtype)
    tri = all_triangles(20)
    want, _ = rasterize(CTX, pos, tri, (24, 24))
    orders = list(itertools.permutations(range(3)))
    for shift in range(6):
        copies = [tri[:, list(orders[(shift + i) % 6])] for i in range(6)]
        rast, _ = rasterize(CTX, pos, torch.cat(copies), (24, 24))
        assert (ids(rast) < 20).all()
        assert torch.equal(ids(rast), ids(want))


@pytest.mark.parametrize("dtype", DTYPES)
def test_coplanar_triangles_tie(dtype):
    """Two overlapping triangles of the plane z = x / 4, both ways round: the lower id takes the overlap."""
    xy = torch.tensor([[-1.0, -1], [1, -1], [0, 1], [-0.75, 0.5], [0.75, 0.75], [0.25, -1]])
    pos = torch.cat((xy, xy[:, :1] / 4, torch.ones(6, 1)), dim=1)[None].to(dtype)
    alone = [rasterize(CTX, pos, all_triangles(2)[i : i + 1], (16, 16))[0][..., 3] > 0 for i in range(2)]
    overlap = alone[0] & alone[1]
    assert overlap.sum() > 20
    for tri in (all_triangles(2), all_triangles(2).flip(0)):
        assert (ids(rasterize(CTX, pos, tri, (16, 16))[0])[overlap] == 0).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_triangles_only_renames_them(seed, dtype):
    pos, tri = soup(seed, batch=1, vertices=40, triangles=60)
    order = torch.randperm(60, generator=generator(seed))
    rast, db = rasterize(CTX, pos.to(dtype), tri, (30, 30))
    shuffled, shuffled_db = rasterize(CTX, pos.to(dtype), tri[order], (30, 30))
    named = torch.where(ids(shuffled) >= 0, order[ids(shuffled).clamp(min=0)], -1)
    assert torch.equal(named, ids(rast))
    assert torch.equal(shuffled[..., :3], rast[..., :3])
    assert torch.equal(shuffled_db, db)


# --- batches, ranges, sizes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_image_of_a_batch_is_its_own(dtype):
    pos, tri = soup(11, batch=4)
    pos = pos.to(dtype)
    rast, db = rasterize(CTX, pos, tri, (10, 13))
    for b in range(4):
        alone, alone_db = rasterize(CTX, pos[b : b + 1], tri, (10, 13))
        assert torch.equal(rast[b : b + 1], alone)
        assert torch.equal(db[b : b + 1], alone_db)
    assert not torch.equal(rast[0], rast[1])


@pytest.mark.parametrize("dtype", DTYPES)
def test_range_mode_is_instanced_mode_on_one_buffer(dtype):
    pos, tri = soup(12, batch=3, vertices=12, triangles=9)
    pos = pos.to(dtype)
    rast, db = rasterize(CTX, pos, tri, (11, 10))
    joined = torch.cat([tri + 12 * b for b in range(3)])
    ranges = torch.tensor([[9 * b, 9] for b in range(3)], dtype=torch.int32)
    ranged, ranged_db = rasterize(CTX, pos.reshape(36, 4), joined, (11, 10), ranges=ranges)
    offset = torch.arange(3)[:, None, None] * 9
    assert torch.equal(torch.where(ids(ranged) >= 0, ids(ranged) - offset, -1), ids(rast))
    assert torch.equal(ranged[..., :3], rast[..., :3])
    assert torch.equal(ranged_db, db)


@pytest.mark.parametrize("dtype", DTYPES)
def test_ranges_that_overlap_differ_in_length_and_are_empty_like_the_twin(dtype):
    pos, tri = soup(13, batch=1, vertices=12, triangles=10)
    ranges = torch.tensor([[0, 10], [3, 4], [10, 0], [0, 0], [9, 1]], dtype=torch.int32)
    rast = assert_like_twin(pos[0].to(dtype), tri, (9, 9), ranges)
    assert not rast[2:4].any()
    seen = ids(rast[1])
    assert (seen[seen >= 0] >= 3).all()
    assert (seen[seen >= 0] < 7).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("ranges", [None, torch.zeros(2, 2, dtype=torch.int32)])
def test_no_triangles_give_an_empty_image(ranges, dtype):
    pos = torch.ones(3, 4, dtype=dtype) if ranges is not None else torch.ones(2, 3, 4, dtype=dtype)
    pos.requires_grad_()
    rast, db = rasterize(CTX, pos, torch.zeros(0, 3, dtype=torch.int32), (4, 5), ranges=ranges)
    assert rast.shape == db.shape == (2, 4, 5, 4)
    assert not rast.any()
    assert not db.any()
    (grad,) = torch.autograd.grad(rast.sum() + db.sum(), pos)
    assert not grad.any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_large_image_samples_the_same_surface_as_a_small_one(dtype):
    """Every third pixel of 3 n is a pixel of n."""
    pos, tri = soup(14, batch=1, vertices=60, triangles=200)
    small, small_db = rasterize(CTX, pos.to(dtype), tri, (171, 297))
    large, large_db = rasterize(CTX, pos.to(dtype), tri, (513, 891))
    same = ids(large)[:, 1::3, 1::3] == ids(small)
    assert same.float().mean() > 0.9999  # centres agree to rounding only
    torch.testing.assert_close(large[:, 1::3, 1::3][same], small[same], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(3 * large_db[:, 1::3, 1::3][same], small_db[same], rtol=1e-4, atol=1e-5)
    assert (small[..., 3] > 0).float().mean() > 0.5


# --- derivatives -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_rast_db_is_the_change_of_uv_along_the_screen(seed):
    pos, tri = soup(seed, batch=1)
    resolution, step = (10, 14), 1e-6
    rast, db = rasterize(CTX, pos, tri, resolution)
    for axis, size in ((0, 14), (1, 10)):
        moved = []
        for sign in (1, -1):
            # Moving the scene by -X is looking at it from a centre moved by +X.
            shifted = pos.clone()
            shifted[..., axis] -= sign * step * 2 / size * shifted[..., 3]
            moved.append(rasterize(CTX, shifted, tri, resolution)[0])
        same = (ids(moved[0]) == ids(rast)) & (ids(moved[1]) == ids(rast)) & (ids(rast) >= 0)
        assert same.sum() > 30
        slope = (moved[0] - moved[1])[..., :2] / (2 * step)
        torch.testing.assert_close(db[..., axis::2][same], slope[same], rtol=1e-5, atol=1e-7)


@FORWARD_AD
@pytest.mark.parametrize("ranged", [False, True])
@pytest.mark.parametrize("resolution", [(5, 4), (4, 7)])
@pytest.mark.parametrize("seed", range(2))
def test_gradcheck(seed, resolution, ranged):
    pos, tri = soup(seed, batch=2, vertices=7, triangles=6)
    ranges = torch.tensor([[0, 4], [1, 5]], dtype=torch.int32) if ranged else None
    pos = (pos[0] if ranged else pos).requires_grad_()

    def uv_and_db(p: Tensor) -> tuple[Tensor, Tensor]:
        rast, db = rasterize(CTX, p, tri, resolution, ranges=ranges)
        return rast[..., :2], db

    assert (rasterize(CTX, pos, tri, resolution, ranges=ranges)[0][..., 3] > 0).any()
    assert torch.autograd.gradcheck(uv_and_db, (pos,), check_forward_ad=True, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("ranged", [False, True])
@pytest.mark.parametrize("through", ["uv", "db", "both"])
@pytest.mark.parametrize("seed", range(1))
def test_gradients_like_the_twin(seed, through, ranged, dtype):
    pos, tri = ball(seed, batch=2)
    pos = pos.to(dtype)[0] if ranged else pos.to(dtype)
    ranges = torch.tensor([[0, 30], [2, 30]], dtype=torch.int32) if ranged else None
    weight, weight_db = normal(seed + 1, 2, 12, 15, 2), normal(seed + 2, 2, 12, 15, 4)
    grads = []
    for op in (rasterize, None):
        leaf = pos.clone().requires_grad_()
        if op is None:
            rast, db = twins.rasterize(leaf, tri, (12, 15), ranges)
        else:
            rast, db = op(CTX, leaf, tri, (12, 15), ranges=ranges)
        loss = torch.zeros((), dtype=torch.float64)
        if through != "db":
            loss = loss + (rast[..., :2].double() * weight).sum()
        if through != "uv":
            loss = loss + (db.double() * weight_db).sum()
        grads.append(torch.autograd.grad(loss, leaf)[0].double())
    tolerance = {torch.float32: 1e-4, torch.float64: 1e-9}[dtype]
    torch.testing.assert_close(grads[0], grads[1], rtol=tolerance, atol=tolerance * float(grads[1].abs().max()))
    assert grads[1].abs().max() > 0.1


@pytest.mark.parametrize("dtype", DTYPES)
def test_depth_and_id_carry_no_gradient_and_z_gets_none(dtype):
    pos, tri = ball(2)
    pos = pos.to(dtype).requires_grad_()
    rast, db = rasterize(CTX, pos, tri, (12, 12))
    (grad,) = torch.autograd.grad(rast[..., 2:].sum(), pos, retain_graph=True)
    assert not grad.any()
    (grad,) = torch.autograd.grad(rast.sum() + db.sum(), pos)
    assert not grad[..., 2].any()
    assert grad[..., [0, 1, 3]].any(dim=1).all()


def test_grad_db_false_keeps_the_values_and_drops_the_gradient():
    pos, tri = ball(3)
    pos.requires_grad_()
    rast, db = rasterize(CTX, pos, tri, (12, 12))
    (want,) = torch.autograd.grad(rast[..., :2].sum(), pos)
    plain, plain_db = rasterize(CTX, pos, tri, (12, 12), grad_db=False)
    assert torch.equal(plain, rast)
    assert torch.equal(plain_db, db)
    assert not plain_db.requires_grad
    (grad,) = torch.autograd.grad(plain[..., :2].sum() + plain_db.sum(), pos)
    assert torch.equal(grad, want)


def test_behind_the_camera_gradients_like_the_twin():
    pos, tri = soup(7, batch=1)
    grads = []
    for op in (lambda p: rasterize(CTX, p, tri, (12, 12)), lambda p: twins.rasterize(p, tri, (12, 12))):
        leaf = pos.clone().requires_grad_()
        rast, db = op(leaf)
        loss = (rast[..., :2] * normal(1, 1, 12, 12, 2)).sum() + (db * normal(2, 1, 12, 12, 4)).sum()
        grads.append(torch.autograd.grad(loss, leaf)[0])
    torch.testing.assert_close(grads[0], grads[1], rtol=1e-8, atol=1e-8)
    assert (grads[0][pos[..., 3] < 0] != 0).any()
