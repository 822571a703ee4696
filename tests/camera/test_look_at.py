"""look_at_*: PyTorch3D's conventions against a derivation in numpy, the poles, and the errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tvdrnet_nv.camera import Orbit, camera_position_from_spherical_angles, look_at_rotation, look_at_view_transform


def numpy_look_at(eye, at, up):
    """PyTorch3D's R and T (row vectors, +x left) of one camera, in float64."""
    eye, at, up = (np.asarray(v, dtype=np.float64) for v in (eye, at, up))
    z = (at - eye) / np.linalg.norm(at - eye)
    x = np.cross(up, z)
    x /= np.linalg.norm(x)
    R = np.stack([x, np.cross(z, x), z], axis=1)
    return R, -R.T @ eye


def numpy_position(dist, elev, azim):
    e, a = np.deg2rad(elev), np.deg2rad(azim)
    return dist * np.array([np.cos(e) * np.sin(a), np.sin(e), np.cos(e) * np.cos(a)])


def assert_rotations(R, atol=1e-12):
    eye = torch.eye(3, dtype=R.dtype).expand_as(R)
    torch.testing.assert_close(R.transpose(1, 2) @ R, eye, atol=atol, rtol=0)
    torch.testing.assert_close(torch.linalg.det(R), torch.ones(len(R), dtype=R.dtype), atol=atol, rtol=0)


def test_golden_numbers_of_pytorch3d():
    # By hand: azimuth 90° stands on +x and looks along −x; its left is +z.
    R, T = look_at_view_transform(2.0, 0.0, 90.0)
    expected = torch.tensor([[[0.0, 0.0, -1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]])
    torch.testing.assert_close(R, expected, atol=1e-7, rtol=0)
    torch.testing.assert_close(T, torch.tensor([[0.0, 0.0, 2.0]]), atol=1e-6, rtol=0)


@pytest.mark.parametrize("seed", range(5))
def test_spherical_angles_agree_with_numpy(seed):
    rng = np.random.default_rng(seed)
    dist, elev, azim = rng.uniform(0.5, 9, 4), rng.uniform(-89, 89, 4), rng.uniform(-400, 400, 4)
    at, up = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    args = [torch.from_numpy(v) for v in (dist, elev, azim)]
    R, T = look_at_view_transform(*args, at=torch.from_numpy(at), up=torch.from_numpy(up))
    assert R.shape == (4, 3, 3)
    assert T.shape == (4, 3)
    assert R.dtype == T.dtype == torch.float64
    for k in range(4):
        expected_R, expected_T = numpy_look_at(numpy_position(dist[k], elev[k], azim[k]) + at[k], at[k], up[k])
        np.testing.assert_allclose(R[k], expected_R, atol=1e-13)
        np.testing.assert_allclose(T[k], expected_T, atol=1e-12)


def test_eye_overrides_the_angles_and_radians_are_radians():
    R, T = look_at_view_transform(5.0, 10.0, 20.0, eye=((1.0, 2.0, 3.0),), at=((0.0, 0.5, 0.0),))
    expected_R, expected_T = numpy_look_at((1, 2, 3), (0, 0.5, 0), (0, 1, 0))
    np.testing.assert_allclose(R[0], expected_R, atol=1e-6)
    np.testing.assert_allclose(T[0], expected_T, atol=1e-6)
    in_degrees = look_at_view_transform(3.0, 40.0, 70.0)
    in_radians = look_at_view_transform(3.0, np.deg2rad(40.0), np.deg2rad(70.0), degrees=False)
    for one, other in zip(in_degrees, in_radians, strict=True):
        torch.testing.assert_close(one, other)


def test_upright_beyond_the_pole_as_pytorch3d():
    R, _ = look_at_view_transform(2.0, 120.0, 30.0)
    expected, _ = numpy_look_at(numpy_position(2.0, 120.0, 30.0), (0, 0, 0), (0, 1, 0))
    np.testing.assert_allclose(R[0], expected, atol=1e-6)
    assert R[0, 1, 1] > 0  # the image's up has a part along the world's


def test_camera_position():
    position = camera_position_from_spherical_angles(torch.tensor([2.0, 3.0]), 30.0, 60.0)
    assert position.shape == (2, 3)
    np.testing.assert_allclose(position[1], numpy_position(3.0, 30.0, 60.0), rtol=1e-6)
    radians = camera_position_from_spherical_angles(2.0, np.pi / 6, np.pi / 3, degrees=False)
    torch.testing.assert_close(radians, position[:1])


def test_batches_broadcast():
    R, T = look_at_view_transform(torch.tensor([1.0, 2.0, 3.0]), 10.0, 20.0, at=(1.0, 0.0, 0.0))
    assert R.shape == (3, 3, 3)
    assert T.shape == (3, 3)
    torch.testing.assert_close(R[0], R[2])
    single_R, single_T = look_at_view_transform(2.0, 10.0, 20.0, at=((1.0, 0.0, 0.0),))
    torch.testing.assert_close(R[1:2], single_R)
    torch.testing.assert_close(T[1:2], single_T)
    with pytest.raises(ValueError, match=r"batch sizes must be equal or 1, got dist \[3\], elev \[2\]"):
        look_at_view_transform(torch.ones(3), torch.zeros(2), 0.0)


@pytest.mark.parametrize("elev", [90.0, -90.0])
@pytest.mark.parametrize("azim", [0.0, 37.0, -120.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_at_the_poles_spherical_angles_give_the_limit_along_the_azimuth(elev, azim, dtype):
    at = torch.tensor([[0.4, -2.0, 1.0]], dtype=dtype)
    R, T = look_at_view_transform(2.0, elev, azim, at=at)
    assert R.dtype == dtype
    inside = np.sign(elev) * (90 - 1e-3)
    expected, _ = numpy_look_at(numpy_position(2.0, inside, azim), (0, 0, 0), (0, 1, 0))
    np.testing.assert_allclose(R[0], expected, atol=2e-5 + 2e-6)
    camera = Orbit.create(2.0, elev, azim, at=at).camera()
    torch.testing.assert_close(R, camera.R, atol=1e-6, rtol=0)
    torch.testing.assert_close(T, camera.T, atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("towards", "up", "right"),
    [
        ((0, -3, 0), (0, 1, 0), (1, 0, 0)),
        ((0, 3, 0), (0, 1, 0), (1, 0, 0)),
        ((0, 0, -2), (0, 0, 5), (1, 0, 0)),
        ((2, 0, 0), (1, 0, 0), (0, 1, 0)),
        ((-1, -2, 3), (2, 4, -6), None),
    ],
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_up_parallel_to_the_viewing_direction(towards, up, right, dtype):
    eye = torch.tensor([[0.3, 0.7, -0.2]], dtype=dtype, requires_grad=True)
    at = (eye.detach() + torch.tensor([towards], dtype=dtype)).requires_grad_()
    up_tensor = torch.tensor([up], dtype=dtype, requires_grad=True)
    R = look_at_rotation(eye, at, up_tensor)
    assert_rotations(R.detach(), atol=1e-6 if dtype == torch.float32 else 1e-12)
    if right is not None:  # the image's right is −(view x)
        torch.testing.assert_close(-R[0, :, 0], torch.tensor(right, dtype=dtype), atol=1e-6, rtol=0)
    weights = torch.arange(9, dtype=dtype).reshape(1, 3, 3)
    gradients = torch.autograd.grad((R * weights).sum(), [eye, at, up_tensor])
    assert all(bool(torch.isfinite(g).all()) for g in gradients)
    assert float(gradients[0].abs().max()) > 0.1


def test_substitute_is_the_orbit_at_azimuth_zero():
    R = look_at_rotation((0.0, 2.0, 0.0))
    torch.testing.assert_close(R, Orbit.create(2.0, 90.0, 0.0).camera().R, atol=1e-6, rtol=0)


def test_only_the_parallel_cameras_of_a_batch_are_substituted():
    eyes = torch.tensor([[0.0, 2.0, 0.0], [0.0, 2.0, 1e-3]], dtype=torch.float64)
    R = look_at_rotation(eyes)
    expected, _ = numpy_look_at((0, 2, 1e-3), (0, 0, 0), (0, 1, 0))
    np.testing.assert_allclose(R[1], expected, atol=1e-12)


def test_errors_name_the_argument_and_the_value():
    point = (1.0, 2.0, 3.0)
    with pytest.raises(ValueError, match=r"eye and at must be finite and differ, got eye \[1.0, 2.0, 3.0\]"):
        look_at_view_transform(eye=point, at=point)
    with pytest.raises(ValueError, match=r"camera_position and at must .* camera 1"):
        look_at_rotation(torch.tensor([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]))
    with pytest.raises(ValueError, match="dist must not be 0"):
        look_at_view_transform(0.0, 10.0, 10.0)
    with pytest.raises(ValueError, match="must be finite"):
        look_at_rotation((float("nan"), 0.0, 0.0))
    with pytest.raises(ValueError, match="up must be finite and not zero"):
        look_at_rotation(point, up=(0.0, 0.0, 0.0))
    with pytest.raises(ValueError, match=r"up must have shape \[B, 3\], got \[1, 2\]"):
        look_at_rotation(point, up=((0.0, 1.0),))
    with pytest.raises(ValueError, match=r"elevation must have shape \[B\], got \[1, 1\]"):
        camera_position_from_spherical_angles(1.0, torch.zeros(1, 1), 0.0)
    with pytest.raises(TypeError, match="at must be a number"):
        look_at_rotation(point, at="origin")
    with pytest.raises(TypeError, match="eye is a sequence of tensors"):
        look_at_view_transform(eye=[torch.tensor(1.0), 0.0, 0.0])
    with pytest.raises(TypeError, match=r"dist must be float32 or float64, got torch.float16"):
        look_at_view_transform(torch.ones(1, dtype=torch.float16))
