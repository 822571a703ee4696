"""The façade's cameras and lights, where parity with the golden file is not enough."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.compat.pytorch3d.renderer import (
    DirectionalLights,
    FoVOrthographicCameras,
    FoVPerspectiveCameras,
    Materials,
    PerspectiveCameras,
    PointLights,
    join_cameras_as_batch,
)
from tvdrnet_nv.compat.pytorch3d.transforms import random_rotations

pytestmark = pytest.mark.usefixtures("seeded")


@pytest.mark.parametrize("kind", [FoVPerspectiveCameras, FoVOrthographicCameras])
def test_parameters_are_optimised_through_cameras(kind):
    R = random_rotations(2).requires_grad_()
    T = torch.tensor([[0.0, 0, 3], [0, 0, 4]]).requires_grad_()
    lens = torch.tensor([50.0, 60.0] if kind is FoVPerspectiveCameras else [1.0, 2.0]).requires_grad_()
    cameras = kind(R=R, T=T, **{"fov" if kind is FoVPerspectiveCameras else "max_x": lens})
    points = torch.rand(2, 5, 3)
    for out in (cameras.transform_points(points), cameras[1].transform_points(points[1])):
        gradients = torch.autograd.grad(out[..., 0].sum(), (R, T, lens))
        assert all(bool(g[1].abs().sum() > 0) for g in gradients)
    centre = cameras.get_camera_center()
    assert torch.allclose(centre, -(R @ T[..., None])[..., 0], atol=1e-5)


def test_cameras_are_chosen_cloned_and_joined():
    cameras = PerspectiveCameras(focal_length=torch.tensor([1.0, 2.0, 3.0]), T=torch.rand(3, 3))
    assert len(cameras) == 3
    assert cameras[[2, 0]].focal_length.tolist() == [[3.0, 3.0], [1.0, 1.0]]
    assert cameras[torch.tensor([False, True, False])].focal_length.tolist() == [[2.0, 2.0]]
    assert cameras[-1].T.tolist() == cameras.T[2:].tolist()
    joined = join_cameras_as_batch([cameras[0], cameras[1:]])
    assert torch.equal(joined.focal_length, cameras.focal_length)
    clone = cameras.clone()
    clone.T = clone.T + 1
    assert not torch.equal(clone.T, cameras.T)
    assert cameras.to("cpu") is cameras
    with pytest.raises(IndexError, match="3 cameras"):
        cameras[3]
    with pytest.raises(ValueError, match="same type"):
        join_cameras_as_batch([cameras, FoVPerspectiveCameras()])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: FoVPerspectiveCameras(R=torch.eye(3)[None].expand(2, 3, 3), T=torch.zeros(3, 3)), "broadcastable"),
        (lambda: FoVPerspectiveCameras(R=torch.eye(3)).get_world_to_view_transform(), r"R to have shape \(N, 3, 3\)"),
        (lambda: FoVPerspectiveCameras().get_camera_center(T=torch.zeros(3)), r"T to have shape \(N, 3\)"),
        (lambda: FoVPerspectiveCameras(K=torch.eye(3)[None]), "K to have shape"),
        (lambda: FoVPerspectiveCameras().transform_points_screen(torch.rand(2, 3)), "image_size"),
        (lambda: PerspectiveCameras(in_ndc=False), "Image size should be set"),
        (lambda: PerspectiveCameras(image_size=((0, 5),)), "invalid values"),
        (lambda: PointLights(location=((1, 2),)), "location to have shape"),
        (lambda: DirectionalLights(direction=((1, 2),)), "direction to have shape"),
        (lambda: Materials(ambient_color=((1, 2),)), "diffuse_color to have shape"),
        (lambda: Materials(shininess=((1, 2),)), "shininess should have shape"),
    ],
)
def test_what_is_wrong_with_cameras_and_lights_is_said(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_a_lights_elements_are_read_and_written():
    lights = PointLights(location=((0.0, 1.0, 2.0), (3.0, 4.0, 5.0)))
    assert len(lights) == 2
    assert lights[1].location.tolist() == [3, 4, 5]
    lights[0].location = torch.tensor([9.0, 9.0, 9.0])
    assert lights.location.tolist() == [[9, 9, 9], [3, 4, 5]]
    again = lights.clone().gather_props(torch.tensor([1, 1, 0]))
    assert again.location[:, 0].tolist() == [3, 3, 9]
    assert lights.location.shape == (2, 3)
