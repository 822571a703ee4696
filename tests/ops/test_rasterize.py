"""Rasterized pixels: centres, depth, order, batches, ranges and sizes."""

from __future__ import annotations

import itertools

import pytest
import torch

from tests.ops.rasters import assert_like_reference, ids
from tvdrnet_nv.conformance.scenes import CTX, DTYPES, all_triangles, generator, normal, soup, to_clip
from tvdrnet_nv.ops import rasterize


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
    rast = assert_like_reference(pos, all_triangles(1), (8, 8))
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
def test_ranges_that_overlap_differ_in_length_and_are_empty_like_the_reference(dtype):
    pos, tri = soup(13, batch=1, vertices=12, triangles=10)
    ranges = torch.tensor([[0, 10], [3, 4], [10, 0], [0, 0], [9, 1]], dtype=torch.int32)
    rast = assert_like_reference(pos[0].to(dtype), tri, (9, 9), ranges)
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
