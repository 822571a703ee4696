"""Awkward triangles: without area, huge, not finite."""

from __future__ import annotations

import itertools
import math

import torch

from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import all_triangles, ball, to_clip
from tvdrnet_nv.conformance.tested_backend import TestedBackend

WITHOUT_AREA = (
    ((1.5, 1.5), (1.5, 1.5), (5.5, 3.5)),
    ((2.5, 2.5), (2.5, 2.5), (2.5, 2.5)),
    ((0.5, 0.5), (3.5, 3.5), (6.5, 6.5)),
    ((0.5, 4.5), (7.5, 4.5), (3.5, 4.5)),
    ((4.5, 0.5), (4.5, 7.5), (4.5, 3.5)),
    ((0.0, 0.0), (4.0, 2.0), (8.0, 4.0)),
)


@case("rasterize", "zero-area triangles hit nothing")
def without_area(b: TestedBackend) -> None:
    for points, w in itertools.product(WITHOUT_AREA, (1.0, 0.25)):
        pos = to_clip(torch.tensor(points), (8, 8), w=w)[None]
        for order in itertools.permutations(range(3)):
            assert not bool(b.rasterize(pos, torch.tensor([order], dtype=torch.int32), (8, 8))[0].any())


@case("rasterize", "triangles that are one point, or seen edge-on through the eye, hit nothing")
def without_extent(b: TestedBackend) -> None:
    through_the_eye = torch.tensor([[[1.0, 2, 0, 1], [-1, -2, 0, 1], [3, 6, 0, -1]]])
    for pos in (torch.zeros(1, 3, 4), through_the_eye):
        assert not bool(b.rasterize(pos, all_triangles(1), (9, 9))[0].any())


@case("rasterize", "a face that names one vertex twice hits nothing")
def repeated_vertex(b: TestedBackend) -> None:
    pos, _ = ball(0)
    tri = torch.tensor([[0, 0, 5], [3, 7, 7], [4, 4, 4], [2, 9, 2]], dtype=torch.int32)
    assert not bool(b.rasterize(pos, tri, (16, 16))[0].any())


@case("rasterize", "huge triangles cover their part of the image, with finite values")
def huge(b: TestedBackend) -> None:
    row, column = torch.meshgrid(torch.arange(8), torch.arange(8), indexing="ij")
    for size in (1e3, 1e9, 1e15):
        right = torch.tensor([[[0, -size, 0, 1], [0, size, 0, 1], [size, 0, 0, 1]]])
        above = torch.tensor([[[-size, -size, 0, 1], [size, size, 0, 1], [-size, size, 0, 1]]])
        rast, db = b.rasterize(torch.cat((right, above)), all_triangles(1), (8, 8))
        assert torch.equal(rast[0, ..., 3] > 0, column >= 4)
        assert bool((rast[1, row > column][:, 3] == 1).all())
        assert bool((rast[1, row < column][:, 3] == 0).all())
        assert bool(rast.isfinite().all())
        assert bool(db.isfinite().all())


@case("rasterize", "a vertex that is NaN or infinite takes its triangles out and no others", extra="ours")
def not_finite(b: TestedBackend) -> None:
    pos, tri = ball(5)
    broken = int(b.ids(pos, tri, (12, 12)).max())  # one that is seen
    pos, tri = pos[0, tri.long()].reshape(1, -1, 4), all_triangles(len(tri))
    want, want_db = b.rasterize(pos, torch.cat((tri[:broken], tri[broken + 1 :])), (12, 12))
    want[..., 3] += want[..., 3] > broken
    for vertex, component, bad in itertools.product(range(3), range(4), (math.nan, math.inf, -math.inf)):
        spoilt = pos.clone()
        spoilt[0, tri[broken, vertex], component] = bad
        spoilt.requires_grad_()
        rast, db = b.rasterize(spoilt, tri, (12, 12))
        assert torch.equal(rast, want)
        assert torch.equal(db, want_db)
        (grad,) = torch.autograd.grad(rast[..., :2].sum() + db.sum(), spoilt)
        assert bool(grad.isfinite().all())
        assert bool(grad.any())
