"""Derivatives of rasterization, and the derivatives along the screen that it gives."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tests.ops.rasters import ids
from tvdrnet_nv.conformance.scenes import CTX, DTYPES, ball, normal, soup
from tvdrnet_nv.ops import rasterize, references


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
def test_gradients_like_the_reference(seed, through, ranged, dtype):
    pos, tri = ball(seed, batch=2)
    pos = pos.to(dtype)[0] if ranged else pos.to(dtype)
    ranges = torch.tensor([[0, 30], [2, 30]], dtype=torch.int32) if ranged else None
    weight, weight_db = normal(seed + 1, 2, 12, 15, 2), normal(seed + 2, 2, 12, 15, 4)
    grads = []
    for op in (rasterize, None):
        leaf = pos.clone().requires_grad_()
        if op is None:
            rast, db = references.rasterize(leaf, tri, (12, 15), ranges)
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


def test_behind_the_camera_gradients_like_the_reference():
    pos, tri = soup(7, batch=1)
    grads = []
    for op in (lambda p: rasterize(CTX, p, tri, (12, 12)), lambda p: references.rasterize(p, tri, (12, 12))):
        leaf = pos.clone().requires_grad_()
        rast, db = op(leaf)
        loss = (rast[..., :2] * normal(1, 1, 12, 12, 2)).sum() + (db * normal(2, 1, 12, 12, 4)).sum()
        grads.append(torch.autograd.grad(loss, leaf)[0])
    torch.testing.assert_close(grads[0], grads[1], rtol=1e-8, atol=1e-8)
    assert (grads[0][pos[..., 3] < 0] != 0).any()
