"""Triangles without area, huge ones, and vertices that are not finite."""

from __future__ import annotations

import itertools
import math

import pytest
import torch

from tests.ops.rasters import ids
from tvdrnet_nv.conformance.scenes import CTX, DTYPES, all_triangles, ball, to_clip
from tvdrnet_nv.ops import rasterize


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
