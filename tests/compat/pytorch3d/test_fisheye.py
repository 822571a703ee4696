"""Fisheye cameras: values by hand, the way back, and meshes and clouds through them."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from tests.compat.pytorch3d.scenes import sphere
from tvdrnet_nv.compat.pytorch3d.renderer import (
    FishEyeCameras,
    MeshRasterizer,
    OrthographicCameras,
    PerspectiveCameras,
    PointsRasterizationSettings,
    PointsRasterizer,
    RasterizationSettings,
)
from tvdrnet_nv.compat.pytorch3d.structures import Pointclouds

pytestmark = pytest.mark.usefixtures("seeded")

PLAIN: dict[str, Any] = {"use_radial": False, "use_tangential": False, "use_thin_prism": False}


def test_a_point_by_hand():
    point = torch.tensor([[3.0, 4.0, 5.0]])  # at distance 1 from the axis, 45 degrees off it
    cameras = FishEyeCameras(
        focal_length=torch.tensor([[2.0]]),
        principal_point=torch.tensor([[10.0, 20.0]]),
        radial_params=torch.tensor([[0.1]]),
        tangential_params=torch.tensor([[0.01, 0.02]]),
        thin_prism_params=torch.tensor([[0.001, 0.002, 0.003, 0.004]]),
    )
    theta = math.pi / 4
    long = theta * (1 + 0.1 * theta**2)
    x, y, squared = long * 0.6, long * 0.8, long**2
    along = 2 * (x * 0.01 + y * 0.02)
    u = x + along * x + squared * 0.01 + 0.001 * squared + 0.002 * squared**2
    v = y + along * y + squared * 0.02 + 0.003 * squared + 0.004 * squared**2
    wanted = torch.tensor([[10 + 2 * u, 20 + 2 * v, 1.0]])
    assert torch.allclose(cameras.transform_points(point), wanted)
    assert torch.allclose(cameras.unproject_points(wanted), point / 5, atol=1e-5)
    assert cameras.transform_points(point.expand(4, 1, 3)).shape == (4, 1, 3)


def test_the_axis_has_finite_gradients():
    point = torch.tensor([[0.0, 0.0, 2.0]], requires_grad=True)
    FishEyeCameras().transform_points(point)[..., :2].sum().backward()
    assert torch.allclose(point.grad, torch.tensor([[0.5, 0.5, 0.0]]))  # type: ignore[arg-type]


def test_without_distortion_it_is_a_pinhole():
    R, T = torch.eye(3)[None], torch.tensor([[0.0, 0.0, 3.0]])
    fisheye, pinhole = FishEyeCameras(R=R, T=T, world_coordinates=True, **PLAIN), PerspectiveCameras(R=R, T=T)
    cloud = Pointclouds([torch.rand(20, 3) - 0.5])
    settings = PointsRasterizationSettings(image_size=32, radius=0.05)
    assert torch.equal(PointsRasterizer(fisheye, settings)(cloud).idx, PointsRasterizer(pinhole, settings)(cloud).idx)
    found = [MeshRasterizer(c, RasterizationSettings(image_size=32))(sphere(1)) for c in (fisheye, pinhole)]
    assert torch.equal(found[0].pix_to_face, found[1].pix_to_face)


def test_wrong_numbers_of_points_are_refused():
    cameras = FishEyeCameras(focal_length=torch.ones(2, 1))
    assert cameras.transform_points(torch.ones(5, 3)).shape == (2, 5, 3)
    assert len(cameras[0]) == 1
    for points in (torch.rand(3, 5, 3), torch.rand(2, 5, 1), torch.rand(3)):
        with pytest.raises(ValueError, match="points"):
            cameras.transform_points(points)
    assert not cameras.is_perspective()
    assert not OrthographicCameras().is_perspective()
