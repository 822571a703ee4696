from __future__ import annotations

import math
import re
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.ops.textures import BOUNDARIES, FILTERS, MODES, at, look_up, texel_centres
from tvdrnet_nv.conformance import twins
from tvdrnet_nv.conformance.scenes import DTYPES, ROUNDING, normal, uniform
from tvdrnet_nv.conformance.twins.texture import pyramid
from tvdrnet_nv.ops import texture, texture_construct_mip

NAN, INF = math.nan, math.inf


def ramp(levels: int) -> tuple[Tensor, list[Tensor]]:
    """A square texture of zeros and a stack whose level l is l everywhere: a look-up gives the level it took."""
    sides = [2 ** (levels - level) for level in range(levels + 1)]
    tex, *mip = (torch.full((1, side, side, 1), float(level)).double() for level, side in enumerate(sides))
    return tex, mip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("textures", [1, 2])
@pytest.mark.parametrize(("filter_mode", "boundary_mode"), MODES)
def test_like_the_twin(filter_mode, boundary_mode, textures, dtype):
    given = {k: v.to(dtype) for k, v in look_up(0, boundary_mode, textures=textures).items()}
    out = texture(**given, filter_mode=filter_mode, boundary_mode=boundary_mode)
    want = twins.texture(**given, filter_mode=filter_mode, boundary_mode=boundary_mode)
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
        torch.testing.assert_close(out, twins.texture(tex, uv, mip_level_bias=bias))
        other = coordinates.clone()
        other[..., 1 if turned is tex else 0] += 0.3
        torch.testing.assert_close(texture(turned, other, mip_level_bias=bias), out)


# ---- mip levels


@pytest.mark.parametrize("size", [(16, 16), (8, 32), (32, 2), (1, 8), (12, 4)])
def test_levels_are_means_of_blocks(size):
    height, width = size
    tex = normal(6, 2, height, width, 3)
    for level in range(3 if size == (12, 4) else int(math.log2(max(size))) + 1):
        rows, columns = max(height >> level, 1), max(width >> level, 1)
        blocks = tex.unflatten(2, (columns, -1)).unflatten(1, (rows, -1)).mean(dim=(2, 4))
        uv = texel_centres(rows, columns).repeat(2, 1, 1, 1)
        out = texture(
            tex,
            uv,
            mip_level_bias=torch.full_like(uv[..., 0], float(level)),
            filter_mode="linear-mipmap-nearest",
            max_mip_level=2 if size == (12, 4) else None,
        )
        torch.testing.assert_close(out, blocks, rtol=1e-13, atol=1e-13)


def test_faces_of_a_cube_map_are_halved_each_for_itself():
    tex = normal(7, 1, 6, 4, 4, 1)
    axes = torch.cat((torch.eye(3), -torch.eye(3))).double()[[0, 3, 1, 4, 2, 5]].reshape(1, 1, 6, 3)
    out = texture(tex, axes, mip_level_bias=torch.full((1, 1, 6), 2.0).double(), boundary_mode="cube")
    torch.testing.assert_close(out[0, 0, :, 0], tex.mean(dim=(0, 2, 3, 4)))


def test_bias_alone_is_the_level():
    tex, mip = ramp(4)
    bias = torch.tensor([[[-3.0, 0, 0.25, 1, 1.5, 2.75, 4, 4.5, 1e30]]]).double()
    uv = uniform(8, 1, 1, 9, 2)
    between = texture(tex, uv, mip_level_bias=bias, mip=mip)
    torch.testing.assert_close(between, bias.clamp(0, 4)[..., None])
    nearest = texture(tex, uv, mip_level_bias=bias, mip=mip, filter_mode="linear-mipmap-nearest")
    assert nearest.flatten().tolist() == pytest.approx([0, 0, 0, 1, 2, 3, 4, 4, 4])


@pytest.mark.parametrize("angle", [0.0, 0.5, 2.0])
def test_the_level_is_that_of_the_footprints_major_axis(angle):
    """An ellipse of 6 by 1.5 texels, turned by any angle on the texture and in the image, on a texture wider than
    high."""
    turn = torch.tensor([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]).double()
    steps = turn @ torch.tensor([[6.0, 0], [0, 1.5]]).double() @ turn
    tex = torch.zeros(1, 16, 64, 1).double()
    mip = [torch.full((1, 16 >> n, 64 >> n, 1), float(n)).double() for n in range(1, 5)]
    uv_da = (steps / torch.tensor([[64.0], [16.0]])).reshape(1, 1, 1, 4)
    assert texture(tex, at(0.3, 0.4), uv_da, mip=mip).item() == pytest.approx(math.log2(6))
    bias = torch.full((1, 1, 1), 0.75).double()
    assert texture(tex, at(0.3, 0.4), uv_da, bias, mip=mip).item() == pytest.approx(math.log2(6) + 0.75)


@pytest.mark.parametrize("length", [0.2, 1.0, 30.0])
def test_the_level_of_a_cube_map_is_that_on_the_face(length):
    """At a face's middle a step of d along it is d / 2 of its side, for a direction of length 1; along the direction
    itself there is none."""
    tex = torch.zeros(1, 6, 16, 16, 1).double()
    mip = [torch.full((1, 6, 16 >> n, 16 >> n, 1), float(n)).double() for n in range(1, 5)]
    step = 2 * 5 / 16 * length  # 5 texels
    uv_da = torch.tensor([0.0, step, 9.0, -7.0, step / 4, 0.0]).double()[None, None, None]
    out = texture(tex, at(0, length, 0), uv_da, mip=mip, boundary_mode="cube")
    assert out.item() == pytest.approx(math.log2(5))


def test_max_mip_level_ends_the_stack():
    tex, mip = ramp(4)
    uv, bias = at(0.2, 0.7), torch.full((1, 1, 1), 3.5).double()
    assert texture(tex, uv, mip_level_bias=bias, mip=mip).item() == pytest.approx(3.5)
    for last in range(4):
        assert texture(tex, uv, mip_level_bias=bias, mip=mip, max_mip_level=last).item() == pytest.approx(last)
        assert texture(tex, uv, mip_level_bias=bias, mip=mip[:last]).item() == pytest.approx(last)
    noise = normal(9, 1, 16, 16, 1)
    for last in range(5):
        want = twins.texture(noise, uv, mip_level_bias=bias, max_mip_level=last)
        stack = texture_construct_mip(noise, max_mip_level=last)
        for given in (
            {"max_mip_level": last},
            {"mip": stack},
            {"mip": texture_construct_mip(noise), "max_mip_level": last},
        ):
            torch.testing.assert_close(texture(noise, uv, mip_level_bias=bias, **given), want)


def test_auto_is_the_best_filter_that_what_is_given_allows():
    given = look_up(10, "wrap")
    tex, uv, uv_da, bias = given.values()
    assert torch.equal(texture(tex, uv), texture(tex, uv, filter_mode="linear"))
    for extra in ({"uv_da": uv_da}, {"mip_level_bias": bias}, {"uv_da": uv_da, "mip_level_bias": bias}):
        best = texture(tex, uv, **extra, filter_mode="linear-mipmap-linear")
        assert torch.equal(texture(tex, uv, **extra), best)
        assert not torch.equal(texture(tex, uv), best)
        assert torch.equal(texture(tex, uv, **extra, filter_mode="linear"), texture(tex, uv))


@pytest.mark.parametrize("boundary_mode", BOUNDARIES)
def test_an_opaque_stack_changes_nothing(boundary_mode):
    given = look_up(11, boundary_mode)
    stack = texture_construct_mip(given["tex"], cube_mode=boundary_mode == "cube")
    for _ in range(2):
        reused = texture(**given, mip=stack, boundary_mode=boundary_mode)
        assert torch.equal(reused, texture(**given, boundary_mode=boundary_mode))


@pytest.mark.parametrize("filter_mode", FILTERS[2:])
@pytest.mark.parametrize("boundary_mode", BOUNDARIES)
def test_custom_stacks_like_the_twin(boundary_mode, filter_mode):
    given = look_up(12, boundary_mode)
    mip = [normal(20 + i, *level.shape) for i, level in enumerate(pyramid(given["tex"])[1:4])]
    modes = {"filter_mode": filter_mode, "boundary_mode": boundary_mode}
    out = texture(**given, mip=mip, **modes)
    torch.testing.assert_close(out, twins.texture(**given, mip=mip, **modes), rtol=1e-12, atol=1e-12)
    assert not torch.allclose(out, texture(**given, **modes))


@pytest.mark.parametrize("boundary_mode", BOUNDARIES)
def test_a_footprint_larger_than_the_texture_sees_its_mean(boundary_mode):
    given = look_up(13, boundary_mode, textures=1)
    given["uv_da"] = 1e30 * given["uv_da"]
    del given["mip_level_bias"]
    if boundary_mode == "cube":  # a 1 x 1 face is still blended with those around it, but not at its middle
        given["uv"] = torch.nn.functional.one_hot(given["uv"].argmax(dim=-1), 3).double() * 0.7
        want = given["tex"].mean(dim=(0, 2, 3))[2 * given["uv"].argmax(dim=-1)]
    else:
        given["uv"] = torch.full_like(given["uv"], 0.5)
        want = given["tex"].mean(dim=(1, 2)).expand(2, 12, 15, 3)
    torch.testing.assert_close(texture(**given, boundary_mode=boundary_mode), want)
    given["uv_da"] = torch.full_like(given["uv_da"], 1e300)  # too large to square
    torch.testing.assert_close(texture(**given, boundary_mode=boundary_mode), want)


def test_sides_that_cannot_be_halved():
    uv, bias = at(0.3, 0.6), torch.full((1, 1, 1), 9.0).double()
    atlas = normal(14, 1, 32, 160, 2)
    with pytest.raises(ValueError, match=r"mip level 5 is 1 x 5 .*width of 5 .*max_mip_level=5"):
        texture(atlas, uv, mip_level_bias=bias)
    with pytest.raises(ValueError, match=r"mip level 5 is 1 x 5 .*max_mip_level=5"):
        texture_construct_mip(atlas)
    with pytest.raises(ValueError, match=r"tex is 7 x 8 .*height of 7 .*max_mip_level=0"):
        texture(normal(14, 1, 7, 8, 2), uv, mip_level_bias=bias)
    with pytest.raises(ValueError, match=r"tex is 7 x 7 "):
        texture_construct_mip(normal(14, 1, 6, 7, 7, 2), cube_mode=True)
    for last in (0, 5):
        want = twins.texture(atlas, uv, mip_level_bias=bias, max_mip_level=last)
        torch.testing.assert_close(texture(atlas, uv, mip_level_bias=bias, max_mip_level=last), want)


@pytest.mark.parametrize("boundary_mode", BOUNDARIES)
@pytest.mark.parametrize("filter_mode", FILTERS[:2])
def test_any_size_without_mip_levels(filter_mode, boundary_mode):
    given = look_up(15, boundary_mode, size=(7, 5))
    del given["uv_da"], given["mip_level_bias"]
    modes = {"filter_mode": filter_mode, "boundary_mode": boundary_mode}
    torch.testing.assert_close(texture(**given, **modes), twins.texture(**given, **modes), rtol=1e-12, atol=1e-12)


# ---- cube maps


@pytest.mark.parametrize(
    ("direction", "face", "s", "t"),
    [  # by hand from OpenGL 4.6, table 8.19
        ((1.0, 0.5, 0.25), 0, 0.375, 0.25),
        ((-1.0, 0.5, 0.25), 1, 0.625, 0.25),
        ((0.5, 1.0, 0.25), 2, 0.75, 0.625),
        ((0.5, -1.0, 0.25), 3, 0.75, 0.375),
        ((0.5, 0.25, 1.0), 4, 0.75, 0.375),
        ((0.5, 0.25, -1.0), 5, 0.25, 0.375),
    ],
)
@pytest.mark.parametrize("filter_mode", ["nearest", "linear"])
def test_faces_are_oriented_as_in_opengl(filter_mode, direction, face, s, t):
    tex = normal(16, 1, 6, 16, 16, 2)
    flat = {"filter_mode": filter_mode, "boundary_mode": "clamp"}
    want = texture(tex[:, face], at(s, t), **flat)
    for length in (1.0, 2.5, 1e-3):
        uv = length * at(*direction)
        torch.testing.assert_close(texture(tex, uv, filter_mode=filter_mode, boundary_mode="cube"), want)


@pytest.mark.parametrize("size", [1, 2, 5, 8])
def test_no_seam_at_edges_and_corners(size):
    """Directions on the edges and at the corners, each approached from all sides."""
    tex = normal(17, 1, 6, size, size, 2)
    along = 2 * uniform(18, 20) - 1
    edges = [
        torch.stack([along if axis == free else torch.full_like(along, sign[axis]) for axis in range(3)], dim=-1)
        for free in range(3)
        for sign in ((1, 1, 1), (-1, 1, -1), (1, -1, -1), (-1, -1, 1), (-1, -1, -1), (1, 1, -1))
    ]
    corners = torch.cartesian_prod(*3 * [torch.tensor([-1.0, 1]).double()])
    directions = torch.cat((*edges, corners))
    for filter_mode, continuous in (("linear", True), ("nearest", False)):
        around = [
            texture(
                tex,
                (directions + 1e-9 * normal(19 + n, *directions.shape))[None, None],
                None,
                None,
                None,
                filter_mode,
                "cube",
            )
            for n in range(12)
        ]
        gap = (torch.stack(around) - around[0]).abs().max()
        assert (gap < 1e-6) == continuous, (filter_mode, gap)


def test_a_corner_is_the_mean_of_three_texels():
    tex = normal(20, 1, 6, 4, 4, 1)
    # +x's texel with the largest y and z is at row 0, column 0; +y's at row 3, column 3; +z's at row 0, column 3.
    want = (tex[0, 0, 0, 0] + tex[0, 2, 3, 3] + tex[0, 4, 0, 3]) / 3
    torch.testing.assert_close(texture(tex, at(1, 1, 1), boundary_mode="cube")[0, 0, 0], want)


def test_a_smooth_picture_on_a_cube_map_is_smooth_all_around():
    """Texels that hold their own directions: wherever one looks, what comes back points there,
    within a quarter of a texel."""
    size = 64
    place = (2 * torch.arange(size, dtype=torch.float64) + 1) / size - 1
    t, s = torch.meshgrid(place, place, indexing="ij")
    one = torch.ones_like(s)
    faces = [(one, -t, -s), (-one, -t, s), (s, one, t), (s, -one, -t), (s, -t, one), (-s, -t, -one)]
    tex = torch.nn.functional.normalize(torch.stack([torch.stack(f, dim=-1) for f in faces])[None], dim=-1)
    uv = normal(21, 1, 40, 50, 3)
    out = texture(tex, uv, boundary_mode="cube")
    torch.testing.assert_close(out, torch.nn.functional.normalize(uv, dim=-1), rtol=0, atol=0.25 / size)


@pytest.mark.parametrize("bad", [(0.0, 0, 0), (-0.0, 0, 0), (NAN, 1, 0), (0, INF, 0), (1, 2, -INF), (1e-310, 0, 0)])
@pytest.mark.parametrize("filter_mode", FILTERS)
def test_a_cube_maps_look_up_without_a_direction_gives_zero_and_no_gradient(filter_mode, bad):
    given = look_up(22, "cube")
    given["uv"][1, 2, 3] = torch.tensor(bad)
    leaves = {k: v.requires_grad_() for k, v in given.items()}
    out = texture(**leaves, filter_mode=filter_mode, boundary_mode="cube")
    assert not out[1, 2, 3].any()
    assert out.isfinite().all()
    used = [leaves[k] for k in (("tex", "uv") if "mipmap" not in filter_mode else leaves)]
    for leaf, grad in zip(used, torch.autograd.grad(out.sum(), used), strict=True):
        assert grad.isfinite().all()
        if leaf is not leaves["tex"]:
            assert not grad[1, 2, 3].any()
    without = texture(**{**given, "tex": given["tex"] + 1}, filter_mode=filter_mode, boundary_mode="cube")
    assert not without[1, 2, 3].any()


# ---- what is not finite


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


# ---- arguments

TEX, CUBE = torch.rand(2, 4, 8, 3), torch.rand(2, 6, 4, 4, 3)
UV, UVW = torch.rand(2, 5, 6, 2), torch.rand(2, 5, 6, 3)
DA, BIAS = torch.rand(2, 5, 6, 4), torch.rand(2, 5, 6)
MIP = [torch.rand(2, 2, 4, 3), torch.rand(2, 1, 2, 3)]

BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"tex": [1.0]}, TypeError, "tex must be a tensor; got list"),
    ({"tex": TEX.int()}, TypeError, "tex must be float32 or float64; got int32"),
    ({"tex": TEX[0]}, ValueError, "tex must have shape [B, H, W, C]; got float32 [4, 8, 3]"),
    ({"tex": CUBE}, ValueError, "boundary_mode='cube'; got float32 [2, 6, 4, 4, 3]"),
    ({"tex": TEX, "uv": UVW, "boundary_mode": "cube"}, ValueError, "tex must have shape [B, 6, S, S, C]"),
    ({"tex": CUBE[:, :, :2], "uv": UVW, "boundary_mode": "cube"}, ValueError, "tex must have square faces"),
    ({"tex": CUBE[:, :5], "uv": UVW, "boundary_mode": "cube"}, ValueError, "tex must have shape [B, 6, S, S, C]"),
    ({"tex": TEX[:, :0]}, ValueError, "tex must have texels; got float32 [2, 0, 8, 3]"),
    ({"tex": TEX.repeat(2, 1, 1, 1)}, ValueError, "one for each of the 2 images; got float32 [4, 4, 8, 3]"),
    ({"uv": UVW}, ValueError, "uv must have shape [B, H, W, 2]; got float32 [2, 5, 6, 3]"),
    ({"tex": CUBE, "boundary_mode": "cube"}, ValueError, "uv must have shape [B, H, W, 3]"),
    ({"uv": UV.double()}, TypeError, "uv must be float32 like tex; got float64"),
    ({"uv_da": DA[..., :2]}, ValueError, "uv_da must have shape [2, 5, 6, 4]; got float32 [2, 5, 6, 2]"),
    ({"uv_da": DA.double()}, TypeError, "uv_da must be float32 like tex"),
    ({"mip_level_bias": BIAS[..., None]}, ValueError, "mip_level_bias must have shape [2, 5, 6]; got"),
    ({"mip_level_bias": BIAS[:1]}, ValueError, "mip_level_bias must have shape [2, 5, 6]; got"),
    ({"filter_mode": "cubic"}, ValueError, "filter_mode must be 'auto' or one of 'nearest', "),
    ({"filter_mode": None}, ValueError, "got None"),
    ({"filter_mode": "linear-mipmap-linear"}, ValueError, "'linear-mipmap-linear' needs uv_da or mip_level_bias"),
    ({"filter_mode": "linear-mipmap-nearest"}, ValueError, "'linear-mipmap-nearest' needs uv_da or mip_level_bias"),
    ({"boundary_mode": "mirror"}, ValueError, "boundary_mode must be one of 'wrap', 'clamp', 'zero', 'cube'; got"),
    ({"max_mip_level": -1}, ValueError, "max_mip_level must be a whole number, 0 or more; got int -1"),
    ({"max_mip_level": 1.5}, ValueError, "max_mip_level must be a whole number, 0 or more; got float 1.5"),
    ({"uv_da": DA, "mip": "all"}, TypeError, "mip must come from texture_construct_mip or be a list of tensors"),
    ({"uv_da": DA, "mip": MIP[0]}, TypeError, "mip must come from texture_construct_mip or be a list of tensors"),
    ({"uv_da": DA, "mip": MIP[1:]}, ValueError, "mip[0] must have shape [2, 2, 4, 3]; got float32 [2, 1, 2, 3]"),
    ({"uv_da": DA, "mip": [MIP[0], None]}, TypeError, "mip[1] must be a tensor"),
    ({"uv_da": DA, "mip": [MIP[0].double()]}, TypeError, "mip[0] must be float32 like tex"),
    ({"uv_da": DA, "mip": [MIP[0][:1]]}, ValueError, "mip[0] must have shape [2, 2, 4, 3]"),
    ({"tex": torch.rand(2, 4, 6, 3), "uv_da": DA, "mip": [torch.rand(2, 2, 3, 3), MIP[1]]}, ValueError, "width of 3"),
    ({"uv_da": DA, "mip": texture_construct_mip(TEX[:1])}, ValueError, "mip was built for a 2D texture of float32 [1,"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "error", "message"), BAD)
def test_bad_arguments_are_named(changed, error, message):
    with pytest.raises(error, match=re.escape(message)):
        texture(**{"tex": TEX, "uv": UV, **changed})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"tex": CUBE}, ValueError, "with cube_mode=True; got"),
        ({"tex": TEX, "cube_mode": True}, ValueError, "tex must have shape [B, 6, S, S, C]"),
        ({"tex": TEX.half()}, TypeError, "tex must be float32 or float64"),
        ({"tex": TEX, "max_mip_level": True}, ValueError, "max_mip_level must be"),
    ],
)
def test_bad_arguments_of_texture_construct_mip_are_named(arguments, error, message):
    with pytest.raises(error, match=re.escape(message)):
        texture_construct_mip(**arguments)


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
