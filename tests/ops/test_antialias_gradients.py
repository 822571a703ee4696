"""Derivatives of antialiasing: forward and backward, alone and after the other ops."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv.conformance.scenes import CTX, ball, normal, soup
from tvdrnet_nv.ops import antialias, interpolate, rasterize


@FORWARD_AD
@pytest.mark.parametrize("ranged", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_gradcheck(seed, ranged):
    pos, tri = soup(seed, vertices=7, triangles=6)
    ranges = torch.tensor([[0, 5], [2, 4]], dtype=torch.int32) if ranged else None
    pos = (pos[0] if ranged else pos).clone()
    rast, _ = rasterize(CTX, pos, tri, (5, 6), ranges=ranges)
    color = normal(seed, 2, 5, 6, 2)
    assert not torch.equal(antialias(color, rast, pos, tri), color)
    leaves = (color.requires_grad_(), pos.requires_grad_())
    assert torch.autograd.gradcheck(
        lambda color, pos: antialias(color, rast, pos, tri), leaves, check_forward_ad=True, atol=1e-4, rtol=1e-4
    )


@FORWARD_AD
@pytest.mark.parametrize("seed", range(2))
def test_gradcheck_of_the_three_together(seed):
    pos, tri = ball(seed)
    tri = tri[:12]
    attr = normal(seed, 18, 2)

    def render(pos: Tensor, attr: Tensor) -> Tensor:
        rast, rast_db = rasterize(CTX, pos, tri, (6, 7))
        out, out_da = interpolate(attr, rast, tri, rast_db, [0])
        return antialias(torch.cat((out, out_da), dim=-1), rast, pos, tri)

    assert render(pos, attr).any()
    leaves = (pos.requires_grad_(), attr.requires_grad_())
    assert torch.autograd.gradcheck(render, leaves, check_forward_ad=True, atol=1e-4, rtol=1e-4)


@FORWARD_AD
@pytest.mark.parametrize("ranged", [False, True])
def test_forward_and_backward_mode_agree(ranged):
    """Through torch.func's transforms, whose tensors are wrapped: <J d, w> = <d, J^T w>."""
    pos, tri = ball(6, batch=2)
    pos = pos[0] if ranged else pos
    ranges = torch.tensor([[0, 32], [4, 20]], dtype=torch.int32) if ranged else None
    attr = normal(7, 18, 2)

    def render(pos: Tensor, attr: Tensor) -> Tensor:
        rast, rast_db = rasterize(CTX, pos, tri, (11, 12), ranges=ranges)
        out, out_da = interpolate(attr, rast, tri, rast_db, [1])
        return antialias(torch.cat((out, out_da), dim=-1), rast, pos, tri)

    moves = (normal(8, *pos.shape), normal(9, *attr.shape))
    image, change = torch.func.jvp(render, (pos, attr), moves)
    weight = normal(10, *image.shape)
    leaves = (pos.requires_grad_(), attr.requires_grad_())
    want = render(*leaves)
    assert torch.equal(image, want)
    back = torch.autograd.grad((want * weight).sum(), leaves)
    have = float((change * weight).sum())
    assert abs(have) > 0.1
    assert have == pytest.approx(sum(float((g * d).sum()) for g, d in zip(back, moves, strict=True)), rel=1e-9)


@pytest.mark.parametrize("boost", [0.0, 2.0, 0.25])
def test_pos_gradient_boost_scales_the_gradient_of_pos_only(boost):
    pos, tri = ball(2)
    rast, _ = rasterize(CTX, pos, tri, (12, 12))
    leaves = (normal(0, 1, 12, 12, 2).requires_grad_(), pos.requires_grad_())
    plain = antialias(leaves[0], rast, pos, tri)
    boosted = antialias(leaves[0], rast, pos, tri, pos_gradient_boost=boost)
    assert torch.equal(plain, boosted)
    weight = normal(1, *plain.shape)
    want_color, want_pos = torch.autograd.grad((plain * weight).sum(), leaves)
    have_color, have_pos = torch.autograd.grad((boosted * weight).sum(), leaves)
    assert want_pos.any()
    assert torch.equal(have_color, want_color)
    torch.testing.assert_close(have_pos, boost * want_pos, rtol=1e-12, atol=0)


def test_nothing_flows_into_rast():
    pos, tri = ball(2)
    rast, _ = rasterize(CTX, pos, tri, (12, 12))
    color = normal(0, 1, 12, 12, 2).requires_grad_()
    rast.requires_grad_()
    grads = torch.autograd.grad(antialias(color, rast, pos, tri).sum(), (color, rast), allow_unused=True)
    assert grads[0].any()
    assert grads[1] is None or not grads[1].any()
