"""Instanced mode, range mode, ids and broadcasting."""

from __future__ import annotations

import torch

from tvdrnet_nv.conformance.errors import message_of
from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import ball, normal, soup
from tvdrnet_nv.conformance.tested_backend import TestedBackend
from tvdrnet_nv.ops import references


@case("rasterize", "instanced mode: each image of a batch is its own")
def instanced(b: TestedBackend) -> None:
    pos, tri = soup(11, batch=4)
    rast, db = b.rasterize(pos, tri, (16, 16))
    for k in range(4):
        alone, alone_db = b.rasterize(pos[k : k + 1], tri, (16, 16))
        assert torch.equal(rast[k : k + 1], alone)
        assert torch.equal(db[k : k + 1], alone_db)
    assert not torch.equal(rast[0], rast[1])


@case("rasterize", "range mode: start and count into tri, one pair for each image")
def ranged(b: TestedBackend) -> None:
    pos, tri = soup(12, batch=3, vertices=12, triangles=9)
    rast, db = b.rasterize(pos, tri, (16, 8))
    joined = torch.cat([tri + 12 * k for k in range(3)])
    ranges = torch.tensor([[9 * k, 9] for k in range(3)], dtype=torch.int32)
    have, have_db = b.rasterize(pos.reshape(36, 4), joined, (16, 8), ranges)
    offset = 9.0 * torch.arange(3)[:, None, None] * (rast[..., 3] > 0)
    assert torch.equal(have[..., 3] - offset, rast[..., 3])
    assert torch.equal(have[..., :3], rast[..., :3])
    assert torch.equal(have_db, db)


@case("rasterize", "ranges may overlap, differ in length and be empty; ids count through all of tri")
def odd_ranges(b: TestedBackend) -> None:
    pos, tri = soup(13, batch=1, vertices=12, triangles=10)
    ranges = torch.tensor([[0, 10], [3, 4], [10, 0], [0, 0], [9, 1]], dtype=torch.int32)
    rast, _ = b.rasterize(pos[0], tri, (16, 16), ranges)
    want, _ = references.rasterize(b.rounded(pos[0]), tri, (16, 16), ranges)
    b.assert_same_ids(rast[..., 3].double(), want[..., 3])
    assert not bool(rast[2:4].any())
    seen = rast[1, ..., 3]
    assert bool(((seen == 0) | ((seen > 3) & (seen < 8))).all())


@case("rasterize", "zero triangles give an empty image and zero gradients")
def no_triangles(b: TestedBackend) -> None:
    for ranges in (None, torch.zeros(2, 2, dtype=torch.int32)):
        pos = (torch.ones(2, 3, 4) if ranges is None else torch.ones(3, 4)).requires_grad_()
        rast, db = b.rasterize(pos, torch.zeros(0, 3, dtype=torch.int32), (8, 5), ranges)
        assert rast.shape == db.shape == (2, 8, 5, 4)
        assert not bool(rast.any())
        assert not bool(db.any())
        (grad,) = torch.autograd.grad(rast.sum() + db.sum(), pos)
        assert not bool(grad.any())


@case("rasterize", "zero images give empty results", extra="ours")
def no_images(b: TestedBackend) -> None:
    _, tri = ball(0)
    for pos, ranges in ((torch.zeros(0, 18, 4), None), (torch.zeros(18, 4), torch.zeros(0, 2, dtype=torch.int32))):
        leaf = pos.clone().requires_grad_()
        rast, db = b.rasterize(leaf, tri, (8, 8), ranges)
        assert rast.shape == db.shape == (0, 8, 8, 4)
        out, _ = b.interpolate(torch.zeros(18, 2), rast, tri)
        assert b.antialias(out, rast, leaf, tri).shape == (0, 8, 8, 2)
        (grad,) = torch.autograd.grad(rast.sum(), leaf)
        assert not bool(grad.any())


@case("rasterize", "ids up to 2^24 are exact in float32")
def large_ids(b: TestedBackend) -> None:
    """Only the last of many triangles can be seen: the others name one vertex three times."""
    count = 2**20 + 3
    tri = torch.zeros(count, 3, dtype=torch.int32)
    tri[-2] = torch.tensor([0, 1, 2])
    pos = torch.tensor([[[3.0, -1, 0.5, 1], [-1, 3, 0.5, 1], [-1, -1, 0.5, 1]]])
    assert bool((b.ids(pos, tri, (8, 8)) == count - 2).all())


@case(
    "rasterize", "beyond 2^24 triangles, whose ids float32 cannot tell apart: refused, by name", dtypes=(torch.float32,)
)
def too_many_triangles(b: TestedBackend) -> None:
    tri = torch.zeros(1, 3, dtype=torch.int32).expand(2**24 + 1, 3)
    said = message_of(ValueError, lambda: b.rasterize(torch.ones(1, 1, 4), tri, (1, 1)))
    assert "tri" in said
    assert str(2**24 + 1) in said


@case("interpolate", "attr [V, A] or [1, V, A] is broadcast over the images")
def attributes_are_broadcast(b: TestedBackend) -> None:
    pos, tri = ball(2, batch=3)
    rast, db = b.rasterize(pos, tri, (16, 16))
    attr = normal(3, 18, 3)
    each = b.interpolate(attr.repeat(3, 1, 1), rast, tri, db, "all")
    assert bool(each[0].any())
    for form in (attr, attr[None]):
        for have, want in zip(b.interpolate(form, rast, tri, db, "all"), each, strict=True):
            assert torch.equal(have, want)


@case("antialias", "pos [V, 4], as in range mode, serves all images; its gradient is summed over them")
def antialias_in_range_mode(b: TestedBackend) -> None:
    pos, tri = ball(4)
    ranges = torch.tensor([[0, 32], [0, 16], [5, 20]], dtype=torch.int32)
    rast, _ = b.rasterize(pos[0], tri, (16, 16), ranges)
    color, weight = normal(0, 3, 16, 16, 2), normal(1, 3, 16, 16, 2)
    shared, each = pos[0].clone().requires_grad_(), pos.repeat(3, 1, 1).requires_grad_()
    have, want = (b.antialias(color, rast, leaf, tri) for leaf in (shared, each))
    assert not torch.equal(have, color.to(have.dtype))
    b.assert_close(have, want)
    grads = [torch.autograd.grad((o * weight).sum(), leaf)[0] for o, leaf in ((have, shared), (want, each))]
    b.assert_gradient_close(grads[0], grads[1].sum(0))
