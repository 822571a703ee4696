"""Mip levels: how they are made, and which of them a look-up takes."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tests.ops.textures import BOUNDARIES, FILTERS, at, look_up, texel_centres
from tvdrnet_nv.conformance.scenes import normal, uniform
from tvdrnet_nv.ops import references, texture, texture_construct_mip
from tvdrnet_nv.ops.texture.reference import pyramid


def ramp(levels: int) -> tuple[Tensor, list[Tensor]]:
    """A square texture of zeros and a stack whose level l is l everywhere: a look-up gives the level it took."""
    sides = [2 ** (levels - level) for level in range(levels + 1)]
    tex, *mip = (torch.full((1, side, side, 1), float(level)).double() for level, side in enumerate(sides))
    return tex, mip


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
        want = references.texture(noise, uv, mip_level_bias=bias, max_mip_level=last)
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
def test_custom_stacks_like_the_reference(boundary_mode, filter_mode):
    given = look_up(12, boundary_mode)
    mip = [normal(20 + i, *level.shape) for i, level in enumerate(pyramid(given["tex"])[1:4])]
    modes = {"filter_mode": filter_mode, "boundary_mode": boundary_mode}
    out = texture(**given, mip=mip, **modes)
    torch.testing.assert_close(out, references.texture(**given, mip=mip, **modes), rtol=1e-12, atol=1e-12)
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
        want = references.texture(atlas, uv, mip_level_bias=bias, max_mip_level=last)
        torch.testing.assert_close(texture(atlas, uv, mip_level_bias=bias, max_mip_level=last), want)
