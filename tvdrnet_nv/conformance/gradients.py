"""Backward of every op into every differentiable input."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tvdrnet_nv.conformance.registry import case
from tvdrnet_nv.conformance.scenes import all_triangles, ball, normal, soup, to_clip
from tvdrnet_nv.conformance.silhouettes import Pair, edge_at
from tvdrnet_nv.conformance.tested_backend import TestedBackend
from tvdrnet_nv.ops import references

FLOAT64 = (torch.float64,)
Loss = Callable[..., Tensor]


def _gradients(loss: Loss, *leaves: Tensor) -> list[Tensor]:
    fresh = [leaf.detach().clone().requires_grad_() for leaf in leaves]
    return [g.double() for g in torch.autograd.grad(loss(*fresh), fresh)]


def _agree(b: TestedBackend, have: Loss, want: Loss, *leaves: Tensor) -> None:
    """The gradients of two scalars: what the backend computes, and the reference at what the backend was given."""
    rounded = [b.rounded(leaf) for leaf in leaves]
    for g, expected in zip(_gradients(have, *rounded), _gradients(want, *rounded), strict=True):
        b.assert_gradient_close(g, expected)


@case("rasterize", "backward: from u, v into x, y, w of pos")
def uv_into_pos(b: TestedBackend) -> None:
    pos, tri = ball(0, batch=2)
    weight = normal(1, 2, 16, 16, 2)
    same = b.assert_same_ids(
        b.ids(pos, tri, (16, 16)), references.rasterize(b.rounded(pos), tri, (16, 16))[0][..., 3] - 1
    )
    weight = weight * same[..., None]
    _agree(
        b,
        lambda p: (b.rasterize(p, tri, (16, 16))[0][..., :2].double() * weight).sum(),
        lambda p: (references.rasterize(p, tri, (16, 16))[0][..., :2] * weight).sum(),
        pos,
    )


@case("rasterize", "backward: from rast_db when grad_db")
def db_into_pos(b: TestedBackend) -> None:
    pos, tri = ball(0, batch=2)
    same = b.assert_same_ids(
        b.ids(pos, tri, (16, 16)), references.rasterize(b.rounded(pos), tri, (16, 16))[0][..., 3] - 1
    )
    weight = normal(2, 2, 16, 16, 4) * same[..., None]
    _agree(
        b,
        lambda p: (b.rasterize(p, tri, (16, 16))[1].double() * weight).sum(),
        lambda p: (references.rasterize(p, tri, (16, 16))[1] * weight).sum(),
        pos,
    )


@case("rasterize", "grad_db=False: the values stay, no gradient flows through rast_db")
def without_grad_db(b: TestedBackend) -> None:
    pos, tri = ball(3)
    pos.requires_grad_()
    rast, db = b.rasterize(pos, tri, (16, 16))
    (want,) = torch.autograd.grad(rast[..., :2].sum(), pos)
    plain, plain_db = b.rasterize(pos, tri, (16, 16), grad_db=False)
    assert torch.equal(plain, rast)
    assert torch.equal(plain_db, db)
    (grad,) = torch.autograd.grad(plain[..., :2].sum() + plain_db.sum(), pos)
    b.assert_gradient_close(grad, want)


@case("rasterize", "z/w and the id carry no gradient; z of pos gets none")
def depth_and_id_carry_none(b: TestedBackend) -> None:
    pos, tri = ball(2)
    pos.requires_grad_()
    rast, db = b.rasterize(pos, tri, (16, 16))
    (grad,) = torch.autograd.grad(rast[..., 2:].sum(), pos, retain_graph=True)
    assert not bool(grad.any())
    (grad,) = torch.autograd.grad(rast[..., :2].square().sum() + db.sum(), pos)
    assert not bool(grad[..., 2].any())
    assert bool(grad[..., [0, 1, 3]].any(dim=1).all())


@case("rasterize", "range mode: the gradient of shared vertices is summed over the images")
def range_mode_sums(b: TestedBackend) -> None:
    pos, tri = ball(6)
    ranges = torch.tensor([[0, 32], [4, 20]], dtype=torch.int32)
    weight = normal(3, 2, 16, 16, 2)
    ids = references.rasterize(b.rounded(pos[0]), tri, (16, 16), ranges)[0][..., 3] - 1
    weight = weight * b.assert_same_ids(b.ids(pos[0], tri, (16, 16), ranges), ids)[..., None]
    _agree(
        b,
        lambda p: (b.rasterize(p, tri, (16, 16), ranges)[0][..., :2].double() * weight).sum(),
        lambda p: (references.rasterize(p, tri, (16, 16), ranges)[0][..., :2] * weight).sum(),
        pos[0],
    )


@case("rasterize", "gradients of triangles that reach behind the camera")
def behind_the_camera(b: TestedBackend) -> None:
    pos, tri = soup(7, batch=1)
    want_ids = references.rasterize(b.rounded(pos), tri, (16, 16))[0][..., 3] - 1
    weight = normal(1, 1, 16, 16, 2) * b.assert_same_ids(b.ids(pos, tri, (16, 16)), want_ids)[..., None]
    assert bool((pos[..., 3] < 0).any())
    _agree(
        b,
        lambda p: (b.rasterize(p, tri, (16, 16))[0][..., :2].double() * weight).sum(),
        lambda p: (references.rasterize(p, tri, (16, 16))[0][..., :2] * weight).sum(),
        pos,
    )


@case("rasterize", "gradcheck of u, v and rast_db into pos", dtypes=FLOAT64)
def gradcheck_rasterize(b: TestedBackend) -> None:
    for ranges in (None, torch.tensor([[0, 4], [1, 5]], dtype=torch.int32)):
        pos, tri = soup(0, batch=2, vertices=7, triangles=6)
        leaf = (pos if ranges is None else pos[0]).clone().requires_grad_()

        def op(p: Tensor, ranges: Tensor | None = ranges, tri: Tensor = tri) -> tuple[Tensor, Tensor]:
            rast, db = b.rasterize(p, tri, (5, 4), ranges)
            return rast[..., :2], db

        assert bool(op(leaf)[0].any())
        torch.autograd.gradcheck(op, (leaf,), atol=1e-4, rtol=1e-4)


@case("interpolate", "backward into attr, u, v and rast_db")
def interpolate_backward(b: TestedBackend) -> None:
    pos, tri = soup(8)
    rast, db = b.rasterize(pos, tri, (16, 16))
    weight, weight_da = normal(1, 2, 16, 16, 3), normal(2, 2, 16, 16, 4)

    def loss(op: Callable[..., tuple[Tensor, Tensor]]) -> Loss:
        def of(attr: Tensor, r: Tensor, d: Tensor) -> Tensor:
            out, da = op(attr, r, tri, d, [0, 2])
            return (out.double() * weight).sum() + (da.double() * weight_da).sum()

        return of

    for attr in (normal(9, 12, 3), normal(9, 1, 12, 3), normal(9, 2, 12, 3)):
        _agree(b, loss(b.interpolate), loss(references.interpolate), attr, rast, db)
    grads = _gradients(loss(b.interpolate), attr, rast, db)
    assert not bool(grads[1][..., 2:].any())  # z/w and the id


@case("interpolate", "gradcheck into attr, u, v and rast_db", dtypes=FLOAT64)
def gradcheck_interpolate(b: TestedBackend) -> None:
    pos, tri = soup(6, vertices=6, triangles=4)
    rast, db = b.rasterize(pos, tri, (2, 3))
    assert bool((rast[..., 3] > 0).any())
    uv = rast[..., :2].clone().requires_grad_()
    attr = normal(7, 1, 6, 3).requires_grad_()

    def op(attr: Tensor, uv: Tensor, db: Tensor) -> tuple[Tensor, Tensor]:
        return b.interpolate(attr, torch.cat((uv, rast[..., 2:]), dim=-1), tri, db, [2, 0])

    torch.autograd.gradcheck(op, (attr, uv, db.clone().requires_grad_()))


@case("antialias", "backward: colours get the transposed blend; the edge's end points the derivative of the crossing")
def antialias_backward(b: TestedBackend) -> None:
    for seed in range(2):
        pos, tri = ball(seed, batch=2)
        rast, _ = b.rasterize(pos, tri, (16, 16))
        color, weight = normal(seed, 2, 16, 16, 3), normal(seed + 1, 2, 16, 16, 3)
        _agree(
            b,
            lambda c, p, r=rast, t=tri, w=weight: (b.antialias(c, r, p, t).double() * w).sum(),
            lambda c, p, r=rast, t=tri, w=weight: (references.antialias(c, r, p, t) * w).sum(),
            color,
            pos,
        )


@case("antialias", "gradcheck into color and pos", dtypes=FLOAT64)
def gradcheck_antialias(b: TestedBackend) -> None:
    for seed in range(2):
        pos, tri = soup(seed, vertices=7, triangles=6)
        rast, _ = b.rasterize(pos, tri, (5, 6))
        color = normal(seed, 2, 5, 6, 2)
        assert not torch.equal(b.antialias(color, rast, pos, tri), color)
        leaves = (color.requires_grad_(), pos.requires_grad_())
        torch.autograd.gradcheck(lambda c, p, r=rast, t=tri: b.antialias(c, r, p, t), leaves, atol=1e-4, rtol=1e-4)


@case("antialias", "z of pos and rast get no gradient")
def antialias_gives_rast_none(b: TestedBackend) -> None:
    pos, tri = ball(2)
    rast, _ = b.rasterize(pos, tri, (16, 16))
    color = normal(0, 1, 16, 16, 2)
    leaves = (pos.requires_grad_(), rast.requires_grad_())
    loss = (b.antialias(color, rast, pos, tri) * normal(1, 1, 16, 16, 2)).sum()
    grad_pos, grad_rast = torch.autograd.grad(loss, leaves, allow_unused=True)
    assert bool(grad_pos.any())
    assert not bool(grad_pos[..., 2].any())
    assert grad_rast is None or not bool(grad_rast.any())


@case("antialias", "in the slack the crossing is clamped, and does not move")
def no_gradient_in_the_slack(b: TestedBackend) -> None:
    pair = Pair(b)
    color = torch.tensor([1.0, 0.0]).reshape(1, 1, 2, 1)
    for t, moves in ((-0.03, False), (0.3, True), (1.03, False)):
        pos = pair.clip(edge_at(t))[None].requires_grad_()
        out = b.antialias(color, pair.rast((0.0, 1.0), (0.0, 0.0)), pos, all_triangles(1))
        (grad,) = torch.autograd.grad(out.sum(), pos)
        assert bool(grad.any()) == moves


@case("antialias", "pos_gradient_boost scales the gradient of pos, and nothing else")
def pos_gradient_boost(b: TestedBackend) -> None:
    pos, tri = ball(2)
    rast, _ = b.rasterize(pos, tri, (16, 16))
    leaves = (normal(0, 1, 16, 16, 2).requires_grad_(), pos.requires_grad_())
    weight = normal(1, 1, 16, 16, 2)
    plain = b.antialias(leaves[0], rast, pos, tri)
    want_color, want_pos = torch.autograd.grad((plain * weight).sum(), leaves)
    assert bool(want_pos.any())
    for boost in (0.0, 2.0, 0.25):
        boosted = b.antialias(leaves[0], rast, pos, tri, pos_gradient_boost=boost)
        assert torch.equal(plain, boosted)
        color, moved = torch.autograd.grad((boosted * weight).sum(), leaves)
        b.assert_close(color, want_color)
        largest = float(want_pos.abs().max())
        torch.testing.assert_close(moved, boost * want_pos, rtol=b.tolerance, atol=b.tolerance * largest)


@case("antialias", "the gradient of a moving straight edge is its length, exactly along the pixels")
def a_moving_edge(b: TestedBackend) -> None:
    """The covered area grows by the edge's length for each pixel that the edge moves."""
    for axis, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
        outwards = torch.zeros(2, dtype=torch.float64)
        outwards[axis] = sign
        along = outwards.flip(0)
        foot = 8 + 2.3 * outwards
        points = torch.stack((foot - 40 * along, foot + 40 * along, foot - 60 * outwards))
        pos = to_clip(points, (16, 16))[None].requires_grad_()
        rast, _ = b.rasterize(pos, all_triangles(1), (16, 16))
        area = b.antialias((rast.detach()[..., 3:] > 0).double(), rast, pos, all_triangles(1)).double().sum()
        (grad,) = torch.autograd.grad(area, pos)
        b.assert_close(area.detach(), torch.tensor(16 * 10.3, dtype=torch.float64), scale=100)
        growth = (grad[0, :, :2] * outwards * 2 / 16).sum()
        b.assert_close(growth, torch.tensor(16.0), scale=100)


@case("antialias", "the three ops together: an image's gradient into pos and attributes")
def all_together(b: TestedBackend) -> None:
    pos, tri = ball(7, batch=2)
    attr, weight = normal(8, 18, 3), normal(9, 2, 16, 16, 3)

    def reference(p: Tensor, a: Tensor) -> Tensor:
        rast, _ = references.rasterize(p, tri, (16, 16))
        return (references.antialias(references.interpolate(a, rast, tri)[0], rast, p, tri) * weight).sum()

    def ours(p: Tensor, a: Tensor) -> Tensor:
        rast, _ = b.rasterize(p, tri, (16, 16))
        return (b.antialias(b.interpolate(a, rast, tri)[0], rast, p, tri).double() * weight).sum()

    want_ids = references.rasterize(b.rounded(pos), tri, (16, 16))[0][..., 3] - 1
    if bool(b.assert_same_ids(b.ids(pos, tri, (16, 16)), want_ids).all()):
        _agree(b, ours, reference, pos, attr)
    else:  # pixels at edges see other triangles: the direction must still agree
        for have, want in zip(_gradients(ours, pos, attr), _gradients(reference, pos, attr), strict=True):
            assert float(torch.cosine_similarity(have.flatten(), want.flatten(), dim=0)) > 0.9
