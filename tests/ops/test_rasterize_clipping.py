"""Triangles across the planes of the view volume and behind the camera, against the reference."""

from __future__ import annotations

import pytest
import torch

from tests.ops.rasters import assert_like_reference
from tvdrnet_nv.conformance.scenes import CTX, DTYPES, all_triangles, normal, random_faces, soup, uniform
from tvdrnet_nv.ops import rasterize

PLANES = [(axis, sign) for axis in range(3) for sign in (-1, 1)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("resolution", [(1, 1), (7, 5), (12, 12), (9, 16)])
@pytest.mark.parametrize("seed", range(2))
def test_random_triangles_like_the_reference(seed, resolution, dtype):
    pos, tri = soup(seed)
    assert_like_reference(pos.to(dtype), tri, resolution)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [1.0, 0.05, 1e-6])
@pytest.mark.parametrize("seed", range(2))
def test_w_near_zero_like_the_reference(seed, scale, dtype):
    """Vertices about the plane through the eye, on both sides of it; z is kept small so that they are not clipped."""
    pos = normal(seed, 1, 12, 4)
    pos[..., 3] = scale * pos[..., 3]
    pos[..., 2] *= 0.1 * scale
    rast = assert_like_reference(pos.to(dtype), random_faces(seed, 12, 8), (12, 10))
    assert (rast[..., 3] > 0).any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("inside", [1, 2])
@pytest.mark.parametrize(("axis", "sign"), PLANES)
@pytest.mark.parametrize("seed", range(1))
def test_triangles_across_each_plane_like_the_reference(seed, axis, sign, inside, dtype):
    """One or two vertices beyond one plane; some of those land behind the camera as well."""
    pos = normal(seed, 1, 12, 4) * 0.6
    pos[..., 3] = 1 + uniform(seed, 1, 12)
    beyond = torch.arange(12) % 3 >= inside
    pos[0, beyond, axis] = sign * (1.2 + 2 * uniform(seed + 1, int(beyond.sum()))) * pos[0, beyond, 3]
    pos[0, 2::6, 3] *= -0.5
    rast = assert_like_reference(pos.to(dtype), all_triangles(4), (14, 14))
    assert (rast[..., 3] > 0).any()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("sign", [-1, 1])
def test_near_and_far_cut_where_z_over_w_is_one(sign, dtype):
    # Over the image, z/w runs from -2 to 2 along x: the outer quarters are cut.
    x, y = torch.tensor([-1.0, 1.0, 1.0, -1.0]), torch.tensor([-1.0, -1.0, 1.0, 1.0])
    pos = torch.stack((x, y, 2 * sign * x, torch.ones(4)), dim=-1)[None].to(dtype)
    rast, _ = rasterize(CTX, pos, torch.tensor([[0, 1, 2], [0, 2, 3]], dtype=torch.int32), (6, 16))
    assert (rast[0, :, :4, 3] == 0).all()
    assert (rast[0, :, 4:12, 3] > 0).all()
    assert (rast[0, :, 12:, 3] == 0).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_is_behind_the_camera_is_not_seen(dtype):
    pos = normal(3, 1, 30, 4)
    pos[..., 2] = 0
    pos[..., 3] = -pos[..., 3].abs() - 0.01
    rast, db = rasterize(CTX, pos.to(dtype), all_triangles(10), (16, 16))
    assert not rast.any()
    assert not db.any()
