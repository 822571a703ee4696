"""PyTorch3D, OpenCV, OpenGL and camera-to-world: round trips, and one pixel for one point in all of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tvdrnet_nv.camera import Camera, Orbit, look_at_view_transform

F64 = torch.float64
SIZES = [(400, 400), (240, 320), (500, 300)]  # (H, W): square, landscape, portrait
NEAR, FAR = 0.5, 30.0


def random_camera(seed, size=3):
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=F64)

    eye, at, up = 3 * draw(size, 3), draw(size, 3), draw(size, 3)
    R, T = look_at_view_transform(eye=eye, at=at, up=up)
    return Camera(R, T, 1.5 + 0.4 * draw(size, 2).tanh(), 0.2 * draw(size, 2))


def points_ahead(camera, seed=9):
    """World points [B, 20, 3] in front of each camera, by numpy alone."""
    rng = np.random.default_rng(seed)
    view = np.concatenate([rng.uniform(-1, 1, (20, 2)), rng.uniform(1, 5, (20, 1))], 1)
    R, T = camera.R.numpy(), camera.T.numpy()
    return np.stack([(view - T[k]) @ R[k].T for k in range(len(R))])


def our_pixels(camera, points, image_size):
    height, width = image_size
    clip = camera.to_clip(torch.from_numpy(points), width / height, NEAR, FAR)
    ndc = (clip[..., :2] / clip[..., 3:]).numpy()
    return np.stack([(ndc[..., 0] + 1) * width / 2, (1 - ndc[..., 1]) * height / 2], -1)


def pytorch3d_pixels(camera, points, image_size):
    """PerspectiveCameras in NDC, then its NDC to screen: the shorter side is 2 wide, x left, y up."""
    height, width = image_size
    R, T, focal, principal = (t.numpy() for t in camera.to_pytorch3d())
    view = points @ R + T[:, None]
    ndc = focal[:, None] * view[..., :2] / view[..., 2:] + principal[:, None]
    return np.array([width / 2, height / 2]) - ndc * min(height, width) / 2


def opencv_pixels(camera, points, image_size):
    R, t, K = (v.numpy() for v in camera.to_opencv(image_size))
    view = np.einsum("bij,bvj->bvi", R, points) + t[:, None]
    image = np.einsum("bij,bvj->bvi", K, view)
    return image[..., :2] / image[..., 2:]


def opengl_pixels(camera, points, image_size):
    """Through camera-to-world, OpenGL's projection and a viewport whose row 0 is flipped to the top."""
    height, width = image_size
    view = np.linalg.inv(camera.to_camera_to_world().numpy())
    projection = camera.to_opengl(width / height, NEAR, FAR).projection.numpy()
    homogeneous = np.concatenate([points, np.ones_like(points[..., :1])], -1)
    clip = np.einsum("bij,bjk,bvk->bvi", projection, view, homogeneous)
    ndc = clip[..., :2] / clip[..., 3:]
    return np.stack([(ndc[..., 0] + 1) * width / 2, height - (ndc[..., 1] + 1) * height / 2], -1)


@pytest.mark.parametrize("image_size", SIZES)
@pytest.mark.parametrize("other", [pytorch3d_pixels, opencv_pixels, opengl_pixels])
def test_one_point_is_one_pixel_in_every_convention(image_size, other):
    camera = random_camera(0)
    points = points_ahead(camera)
    expected = our_pixels(camera, points, image_size)
    assert expected.shape == (3, 20, 2)
    assert np.ptp(expected, axis=1).min() > 20  # spread out, so that a flip cannot hide
    np.testing.assert_allclose(other(camera, points, image_size), expected, atol=1e-9)


def assert_same(one, other, atol=1e-14):
    for name in ("R", "T", "focal", "principal"):
        torch.testing.assert_close(getattr(one, name), getattr(other, name), atol=atol, rtol=1e-14)


def test_round_trip_pytorch3d():
    camera = random_camera(1)
    R, T, focal, principal = camera.to_pytorch3d()
    back = Camera.from_pytorch3d(R, T, focal=focal, principal=principal)
    assert_same(back, camera, atol=0)


@pytest.mark.parametrize("image_size", SIZES)
def test_round_trip_opencv(image_size):
    camera = random_camera(2)
    R, t, K = camera.to_opencv(image_size)
    assert R.shape == K.shape == (3, 3, 3)
    assert t.shape == (3, 3)
    back = Camera.from_opencv(R, t, K, image_size)
    torch.testing.assert_close(back.R, camera.R, atol=0, rtol=0)
    torch.testing.assert_close(back.T, camera.T, atol=0, rtol=0)
    assert_same(back, camera)
    again = back.to_opencv(image_size)
    for one, other in zip(again, (R, t, K), strict=True):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=1e-14)


def test_round_trip_camera_to_world():
    camera = random_camera(3)
    matrix = camera.to_camera_to_world()
    assert matrix.shape == (3, 4, 4)
    torch.testing.assert_close(matrix[:, :3, 3], camera.position)
    back = Camera.from_camera_to_world(matrix, focal=camera.focal, principal=camera.principal)
    assert_same(back, camera, atol=1e-14)
    torch.testing.assert_close(back.to_camera_to_world(), matrix, atol=1e-14, rtol=0)


def test_camera_to_world_inverts_the_view_matrix():
    camera = random_camera(4)
    identity = torch.eye(4, dtype=F64).expand(3, 4, 4)
    torch.testing.assert_close(camera.view_matrix() @ camera.to_camera_to_world(), identity, atol=1e-14, rtol=0)


def test_camera_to_world_of_blenders_default_axes():
    # The identity looks along −z with +y up and +x right, from the origin.
    camera = Camera.from_camera_to_world(np.eye(4), fov=90.0)
    clip = camera.to_clip(torch.tensor([[1.0, 2.0, -4.0]]), 1.0, 0.1, 10.0)[0, 0]
    torch.testing.assert_close(clip[[0, 1, 3]], torch.tensor([1.0, 2.0, 4.0]))


def test_opencv_golden_pixel():
    # 640 × 480, focal length 500 px: a point 0.2 right and 0.1 below the axis at depth 2 is 50 px right, 25 px down.
    K = [[500.0, 0.0, 320.0], [0.0, 500.0, 240.0], [0.0, 0.0, 1.0]]
    camera = Camera.from_opencv(np.eye(3), (0.0, 0.0, 0.0), K, (480, 640))
    np.testing.assert_allclose(camera.focal, [[500 / 240, 500 / 240]], rtol=1e-6)
    got = our_pixels(camera.to(F64), np.array([[0.2, 0.1, 2.0]]), (480, 640))
    np.testing.assert_allclose(got[0, 0], [370.0, 265.0], atol=1e-4)


def test_intrinsics_broadcast_over_poses_and_back():
    pose = random_camera(5)
    R, t, _ = pose.to_opencv((480, 640))
    K = torch.tensor([[500.0, 0.0, 300.0], [0.0, 510.0, 250.0], [0.0, 0.0, 1.0]], dtype=F64)
    assert len(Camera.from_opencv(R, t, K, (480, 640))) == 3
    lenses = torch.tensor([40.0, 60.0, 80.0], dtype=F64)
    camera = Camera.from_pytorch3d(pose.R[0], pose.T[0], fov=lenses, principal=(0.1, 0.2))
    assert len(camera) == 3
    torch.testing.assert_close(camera.fov, lenses)
    default = Camera.from_pytorch3d(pose.R, pose.T)
    torch.testing.assert_close(default.fov, torch.full((3,), 60.0, dtype=F64))


def test_focal_is_a_number_a_pair_or_a_batch():
    pose = random_camera(6)
    for focal, expected in ((2.0, [2.0, 2.0]), ((2.0, 3.0), [2.0, 3.0])):
        camera = Camera.from_pytorch3d(pose.R, pose.T, focal=focal)
        assert camera.focal.tolist() == [expected] * 3
    with pytest.raises(ValueError, match=r"focal must have shape \[B, 2\], got \[3\]"):
        Camera.from_pytorch3d(pose.R, pose.T, focal=torch.ones(3))


def test_conversions_keep_gradients():
    camera = random_camera(7)
    R, t, K = camera.to_opencv((240, 320))
    lens = torch.stack([K[:, 0, 0], K[:, 0, 2], K[:, 1, 1], K[:, 1, 2]], -1)
    pose = camera.to_camera_to_world()

    def function(t, lens, position):
        zero, one = torch.zeros_like(t[:, 0]), torch.ones_like(t[:, 0])
        fx, cx, fy, cy = lens.unbind(-1)
        calibration = torch.stack([fx, zero, cx, zero, fy, cy, zero, zero, one], -1).unflatten(-1, (3, 3))
        opencv = Camera.from_opencv(R, t, calibration, (240, 320))
        fourth = torch.nn.functional.pad(position, (0, 1), value=1.0)
        moved = Camera.from_camera_to_world(torch.cat([pose[:, :, :3], fourth[:, :, None]], -1))
        return opencv.clip_matrix(1.3, 1, 9), *opencv.to_opencv((240, 320)), moved.T, moved.to_camera_to_world()

    leaves = [tensor.clone().requires_grad_() for tensor in (t, lens, camera.position)]
    assert torch.autograd.gradcheck(function, leaves)


def test_errors_name_the_argument_and_the_value():
    R, T = look_at_view_transform(2.0, 10.0, 20.0)
    opencv = Orbit.create(2.0, 10.0, 20.0).camera().to_opencv((48, 64))
    with pytest.raises(ValueError, match="fov and focal exclude each other"):
        Camera.from_pytorch3d(R, T, fov=60.0, focal=1.0)
    with pytest.raises(ValueError, match="focal must be positive and finite, got -1"):
        Camera.from_pytorch3d(R, T, focal=(1.0, -1.0))
    with pytest.raises(ValueError, match="fov must be between 0 and 180 degrees, got 0"):
        Camera.from_pytorch3d(R, T, fov=0.0)
    with pytest.raises(ValueError, match="R must hold a rotation, but for camera 0 it differs from one by 3"):
        Camera.from_pytorch3d(2 * R, T)
    with pytest.raises(ValueError, match=r"R must hold a rotation.*mirrors"):
        Camera.from_pytorch3d(-R, T)
    with pytest.raises(ValueError, match="T must be finite"):
        Camera.from_pytorch3d(R, T * float("nan"))
    with pytest.raises(ValueError, match="principal must be finite"):
        Camera.from_pytorch3d(R, T, principal=(float("inf"), 0.0))
    with pytest.raises(ValueError, match=r"T must have shape \[B, 3\], got \[1, 4\]"):
        Camera.from_pytorch3d(R, torch.zeros(1, 4))
    skewed = opencv.K.clone()
    skewed[:, 0, 1] = 2.0
    with pytest.raises(ValueError, match=r"K must be \[\[fx, 0, cx\]"):
        Camera.from_opencv(opencv.R, opencv.t, skewed, (48, 64))
    for size in ((0, 64), (48.5, 64), (48,)):
        with pytest.raises(ValueError, match="image_size must be"):
            Camera.from_opencv(*opencv, size)
    lost = np.full((4, 4), -np.inf)  # how ScanNet writes a frame whose pose was lost
    with pytest.raises(ValueError, match=r"camera_to_world must have the last row \(0, 0, 0, 1\)"):
        Camera.from_camera_to_world(lost)
    lost[3] = [0, 0, 0, 1]
    with pytest.raises(ValueError, match="camera_to_world must hold a rotation"):
        Camera.from_camera_to_world(lost)
