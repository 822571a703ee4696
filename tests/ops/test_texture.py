"""Texture look-ups: coordinates, filters, boundaries, and numbers that are not finite."""

from __future__ import annotations

import math

import pytest
import torch

from tests.ops.textures import BOUNDARIES, FILTERS, MODES, at, look_up, texel_centres
from tvdrnet_nv.conformance.scenes import DTYPES, ROUNDING, normal, uniform
from tvdrnet_nv.ops import references, texture

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("textures", [1, 2])
@pytest.mark.parametrize(("filter_mode", "boundary_mode"), MODES)
def test_like_the_reference(filter_mode, boundary_mode, textures, dtype):
    given = {k: v.to(dtype) for k, v in look_up(0, boundary_mode, textures=textures).items()}
    out = texture(**given, filter_mode=filter_mode, boundary_mode=boundary_mode)
    want = references.texture(**given, filter_mode=filter_mode, boundary_mode=boundary_mode)
    assert out.dtype == dtype
    assert out.shape == (2, 12, 15, 3)
    assert want.std() > 0.05
    torch.testing.assert_close(out.double(), want, rtol=ROUNDING[dtype], atol=ROUNDING[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("filter_mode", FILTERS)
@pytest.mark.parametrize("boundary_mode", BOUNDARIES[:3])
def test_row_0_is_at_v_0_and_centres_are_at_halves(boundary_mode, filter_mode, dtype):
    tex = normal(1, 1, 4, 8, 2).to(dtype)
    level_0 = torch.zeros(1, 4, 8, dtype=dtype)
    out = texture(
        tex,
        texel_centres(4, 8).to(dtype),
        mip_level_bias=level_0,
        filter_mode=filter_mode,
        boundary_mode=boundary_mode,
    )
    assert torch.equal(out, tex)


@pytest.mark.parametrize(
    ("boundary_mode", "want"),
    [("wrap", (1 + 4 + 16 + 64) / 4), ("clamp", 1.0), ("zero", 0.25)],
)
def test_the_origin_is_the_corner_of_texel_0_0(boundary_mode, want):
    tex = torch.tensor([[1.0, 2, 4], [16, 32, 64]])[None, ..., None]
    out = texture(tex, torch.zeros(1, 1, 1, 2), boundary_mode=boundary_mode)
    assert out.item() == want


def test_boundary_modes_far_outside():
    tex = torch.tensor([[1.0, 2], [4, 8]])[None, ..., None].double()
    for mode, want in (("wrap", 2.0), ("clamp", 4.0), ("zero", 0.0)):
        for filter_mode in ("nearest", "linear"):
            out = texture(tex, at(-5.25, 7.25), filter_mode=filter_mode, boundary_mode=mode)
            assert out.item() == want, (mode, filter_mode)
    for mode, want in (("wrap", None), ("clamp", 8.0), ("zero", 0.0)):
        for filter_mode in ("nearest", "linear"):
            out = texture(tex, at(1e300, 1e300), filter_mode=filter_mode, boundary_mode=mode)
            assert out.isfinite().all()
            assert want is None or out.item() == want


def test_a_coordinate_just_below_0_wraps_to_the_last_texel():
    tex = torch.arange(4.0).double()[None, None, :, None]
    assert texture(tex, at(-1e-20, 0.5), filter_mode="nearest").item() == 3
    assert texture(tex, at(-1e-20, 0.5), filter_mode="linear").item() == pytest.approx(1.5)


@pytest.mark.parametrize("boundary_mode", BOUNDARIES)
@pytest.mark.parametrize("filter_mode", FILTERS)
def test_one_texel(filter_mode, boundary_mode):
    cube = boundary_mode == "cube"
    tex = torch.full((1, 6, 1, 1, 2) if cube else (1, 1, 1, 2), 3.0)
    uv = uniform(2, 1, 5, 6, 3 if cube else 2).float()
    out = texture(tex, uv, mip_level_bias=uv[..., 0] * 9, filter_mode=filter_mode, boundary_mode=boundary_mode)
    if boundary_mode == "zero" and filter_mode != "nearest":
        want = 3 * (1 - (uv - 0.5).abs()).prod(dim=-1, keepdim=True).expand_as(out)
    else:
        want = torch.full_like(out, 3.0)
    torch.testing.assert_close(out, want)


def test_a_1_by_n_texture_is_a_1d_texture():
    tex = normal(3, 1, 1, 8, 2)
    uv = uniform(4, 1, 6, 7, 2)
    bias = 4 * uniform(5, 1, 6, 7)
    for turned, coordinates in ((tex, uv), (tex.transpose(1, 2), uv.flip(-1))):
        out = texture(turned, coordinates, mip_level_bias=bias)
        torch.testing.assert_close(out, references.texture(tex, uv, mip_level_bias=bias))
        other = coordinates.clone()
        other[..., 1 if turned is tex else 0] += 0.3
        torch.testing.assert_close(texture(turned, other, mip_level_bias=bias), out)


@pytest.mark.parametrize("boundary_mode", BOUNDARIES)
@pytest.mark.parametrize("filter_mode", FILTERS[:2])
def test_any_size_without_mip_levels(filter_mode, boundary_mode):
    given = look_up(15, boundary_mode, size=(7, 5))
    del given["uv_da"], given["mip_level_bias"]
    modes = {"filter_mode": filter_mode, "boundary_mode": boundary_mode}
    torch.testing.assert_close(texture(**given, **modes), references.texture(**given, **modes), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize(("filter_mode", "boundary_mode"), MODES)
def test_what_is_not_finite_counts_as_0(filter_mode, boundary_mode, bad):
    given = look_up(23, boundary_mode)
    names = ["uv_da", "mip_level_bias"] if boundary_mode == "cube" else ["uv", "uv_da", "mip_level_bias"]
    zeroed, broken = dict(given), dict(given)
    marks = {}
    for i, name in enumerate(names):
        marks[name] = uniform(24 + i, *given[name].shape) < 0.1
        zeroed[name] = given[name].masked_fill(marks[name], 0.0).requires_grad_()
        broken[name] = given[name].masked_fill(marks[name], bad).requires_grad_()
    modes = {"filter_mode": filter_mode, "boundary_mode": boundary_mode}
    out, want = texture(**broken, **modes), texture(**zeroed, **modes)
    assert torch.equal(out, want)
    used = names if "mipmap" in filter_mode else [n for n in names if n == "uv"]
    if not used:
        return
    weight = normal(27, *out.shape)
    grads = torch.autograd.grad(out, [broken[n] for n in used], weight)
    expected = torch.autograd.grad(want, [zeroed[n] for n in used], weight)
    for name, have, like in zip(used, grads, expected, strict=True):
        assert not have[marks[name]].any()
        assert torch.equal(have, like.masked_fill(marks[name], 0.0))


@pytest.mark.parametrize("boundary_mode", BOUNDARIES)
def test_strides_do_not_matter(boundary_mode):
    given = look_up(28, boundary_mode)
    strided = {k: torch.stack((v, v + 1), dim=1)[:, 0] for k, v in given.items()}
    assert not any(v.is_contiguous() for v in strided.values())
    assert torch.equal(texture(**strided, boundary_mode=boundary_mode), texture(**given, boundary_mode=boundary_mode))


@pytest.mark.parametrize("shape", [(0, 5, 6), (2, 0, 6), (2, 5, 0)])
def test_no_pixels(shape):
    tex = torch.rand(1, 4, 4, 3, requires_grad=True)
    out = texture(tex, torch.rand(*shape, 2), mip_level_bias=torch.rand(*shape))
    assert out.shape == (*shape, 3)
    (grad,) = torch.autograd.grad(out.sum(), tex)
    assert not grad.any()
