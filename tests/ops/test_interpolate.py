from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv.conformance.scenes import CTX, DTYPES, ROUNDING, all_triangles, ball, normal, soup
from tvdrnet_nv.ops import interpolate, rasterize, references

DIFF_ATTRS = [None, "all", [0], [2, 0], [-1], [-3, 1, 1]]


def scene(seed: int, dtype: torch.dtype, batch: int = 2) -> tuple[Tensor, Tensor, Tensor, int]:
    """rast, rast_db, tri and the number of vertices; part of each image is background."""
    pos, tri = soup(seed, batch=batch)
    rast, rast_db = rasterize(CTX, pos.to(dtype), tri, (9, 11))
    assert 0.1 < (rast[..., 3] > 0).float().mean() < 1
    return rast, rast_db, tri, pos.shape[1]


@pytest.mark.parametrize("dtype", DTYPES)
def test_barycentric_weights_of_a_known_triangle(dtype):
    rast = torch.tensor([[[[0.25, 0.5, 0.0, 1.0], [0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 2.0]]]], dtype=dtype)
    tri = torch.tensor([[2, 0, 1], [1, 1, 0]], dtype=torch.int32)
    attr = torch.tensor([[10.0, 1], [20, 2], [40, 4]], dtype=dtype)
    out, out_da = interpolate(attr, rast, tri)
    # 0.25 * 40 + 0.5 * 10 + 0.25 * 20
    assert out.tolist() == [[[[20.0, 2.0], [0.0, 0.0], [20.0, 2.0]]]]
    assert out_da.shape == (1, 1, 3, 0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("diff_attrs", DIFF_ATTRS)
@pytest.mark.parametrize("sets", ["range", "one", "each"])
def test_like_the_reference(sets, diff_attrs, dtype):
    rast, rast_db, tri, vertices = scene(0, dtype)
    attr = normal(1, 2 if sets == "each" else 1, vertices, 4).to(dtype)
    attr = attr[0] if sets == "range" else attr
    out, out_da = interpolate(attr, rast, tri, rast_db, diff_attrs)
    want, want_da = references.interpolate(attr, rast, tri, rast_db, diff_attrs)
    assert out.dtype == out_da.dtype == dtype
    pairs = {None: 0, "all": 4}.get(diff_attrs if not isinstance(diff_attrs, list) else "", len(diff_attrs or []))
    assert out.shape == (2, 9, 11, 4)
    assert out_da.shape == (2, 9, 11, 2 * pairs)
    torch.testing.assert_close(out.double(), want, rtol=ROUNDING[dtype], atol=ROUNDING[dtype])
    torch.testing.assert_close(out_da.double(), want_da, rtol=ROUNDING[dtype], atol=ROUNDING[dtype])
    background = rast[..., 3] == 0
    assert not out[background].any()
    assert not out_da[background].any()


def test_one_set_of_attributes_is_broadcast_in_both_forms():
    rast, rast_db, tri, vertices = scene(2, torch.float64)
    attr = normal(3, vertices, 3)
    each = interpolate(attr.repeat(2, 1, 1), rast, tri, rast_db, "all")
    for form in (attr, attr[None]):
        for have, want in zip(interpolate(form, rast, tri, rast_db, "all"), each, strict=True):
            assert torch.equal(have, want)


def test_diff_attrs_name_columns_in_the_order_given():
    rast, rast_db, tri, vertices = scene(4, torch.float64)
    attr = normal(5, vertices, 3)
    _, every = interpolate(attr, rast, tri, rast_db, "all")
    _, some = interpolate(attr, rast, tri, rast_db, [2, -3])
    assert torch.equal(some, every[..., [4, 5, 0, 1]])


@pytest.mark.parametrize("seed", range(3))
def test_out_da_is_the_change_along_the_screen(seed):
    pos, tri = soup(seed, batch=1)
    attr = normal(seed + 1, pos.shape[1], 2)
    resolution, step = (10, 14), 1e-6
    rast, rast_db = rasterize(CTX, pos, tri, resolution)
    _, out_da = interpolate(attr, rast, tri, rast_db, "all")
    for axis, size in ((0, 14), (1, 10)):
        moved = []
        for sign in (1, -1):
            shifted = pos.clone()
            shifted[..., axis] -= sign * step * 2 / size * shifted[..., 3]
            moved.append(rasterize(CTX, shifted, tri, resolution)[0])
        same = (moved[0][..., 3] == moved[1][..., 3]) & (moved[0][..., 3] == rast[..., 3]) & (rast[..., 3] > 0)
        assert same.sum() > 30
        ahead, behind = (interpolate(attr, m, tri)[0] for m in moved)
        torch.testing.assert_close(
            out_da[..., axis::2][same], ((ahead - behind) / (2 * step))[same], rtol=1e-5, atol=1e-7
        )


@FORWARD_AD
@pytest.mark.parametrize("diff_attrs", [None, "all", [2, -1, 2]])
@pytest.mark.parametrize("sets", ["range", "one", "each"])
def test_gradcheck(sets, diff_attrs):
    pos, tri = soup(6, vertices=6, triangles=4)
    rast, rast_db = rasterize(CTX, pos, tri, (2, 3))
    assert (rast[..., 3] > 0).any()
    uv, name = rast[..., :2].clone().requires_grad_(), rast[..., 2:]
    rast_db.requires_grad_()
    attr = normal(7, 2 if sets == "each" else 1, 6, 3)
    attr = (attr[0] if sets == "range" else attr).clone().requires_grad_()

    def op(attr: Tensor, uv: Tensor, rast_db: Tensor) -> tuple[Tensor, ...]:
        out, out_da = interpolate(attr, torch.cat((uv, name), dim=-1), tri, rast_db, diff_attrs)
        return (out, out_da) if diff_attrs else (out,)

    assert torch.autograd.gradcheck(op, (attr, uv, rast_db), check_forward_ad=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sets", ["range", "one", "each"])
def test_gradients_like_the_reference(sets, dtype):
    rast, rast_db, tri, vertices = scene(8, dtype)
    attr = normal(9, 2 if sets == "each" else 1, vertices, 3).to(dtype)
    attr = attr[0] if sets == "range" else attr
    grads = []
    for op in (interpolate, references.interpolate):
        leaves = [t.clone().requires_grad_() for t in (attr, rast, rast_db)]
        out, out_da = op(leaves[0], leaves[1], tri, leaves[2], [0, -1])
        loss = (out.double() * normal(1, *out.shape)).sum() + (out_da.double() * normal(2, *out_da.shape)).sum()
        grads.append([g.double() for g in torch.autograd.grad(loss, leaves)])
    for have, want in zip(*grads, strict=True):
        torch.testing.assert_close(have, want, rtol=1e1 * ROUNDING[dtype], atol=2e1 * ROUNDING[dtype])
        assert want.any()
    assert not grads[0][1][..., 2:].any()  # z/w and the id


def test_no_triangles_give_zeros_and_zero_gradients():
    rast = torch.zeros(1, 3, 4, 4)
    attr = torch.ones(5, 2, requires_grad=True)
    out, out_da = interpolate(attr, rast, torch.zeros(0, 3, dtype=torch.int32), torch.zeros(1, 3, 4, 4), "all")
    assert out.shape == (1, 3, 4, 2)
    assert out_da.shape == (1, 3, 4, 4)
    (grad,) = torch.autograd.grad(out.sum() + out_da.sum(), attr)
    for value in (out, out_da, grad):
        assert not value.any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_perspective_is_corrected(dtype):
    """A floor running to the horizon: the world coordinate that is interpolated is where the ray meets the floor."""
    corners = torch.tensor([[-40.0, 1], [40, 1], [40, 60], [-40, 60]], dtype=dtype)  # x to the right, distance ahead
    x, ahead = corners.unbind(1)
    pos = torch.stack((x, torch.full_like(x, -1), 0 * x, ahead), dim=1)[None]
    tri = torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32)
    rast, _ = rasterize(CTX, pos, tri, (16, 16))
    out, _ = interpolate(corners, rast, tri)
    ndc = (2 * torch.arange(16, dtype=dtype) + 1) / 16 - 1
    y, x = torch.meshgrid(ndc, ndc, indexing="ij")
    want = torch.stack((x / -y, -1 / y), dim=-1)  # the floor is one unit below the eye
    below = (y < -1 / 60)[None]
    assert torch.equal(rast[..., 3] > 0, below)
    torch.testing.assert_close(out[below], want[None][below], rtol=1e-4, atol=1e-4)


@FORWARD_AD
def test_gradcheck_of_rasterize_and_interpolate_together():
    pos, tri = ball(1)
    pos, tri = pos[0, tri[:6].long()].reshape(1, -1, 4).clone().requires_grad_(), all_triangles(6)
    attr = normal(3, 18, 2).requires_grad_()

    def render(pos: Tensor, attr: Tensor) -> tuple[Tensor, Tensor]:
        rast, rast_db = rasterize(CTX, pos, tri, (6, 5))
        return interpolate(attr, rast, tri, rast_db, "all")

    assert render(pos, attr)[0].any()
    assert torch.autograd.gradcheck(render, (pos, attr), check_forward_ad=True, atol=1e-4, rtol=1e-4)
