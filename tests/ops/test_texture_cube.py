"""Cube maps: their faces, seams and directions."""

from __future__ import annotations

import math

import pytest
import torch

from tests.ops.textures import FILTERS, at, look_up
from tvdrnet_nv.conformance.scenes import normal, uniform
from tvdrnet_nv.ops import texture

NAN, INF = math.nan, math.inf


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
