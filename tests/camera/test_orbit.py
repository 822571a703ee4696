"""Orbit: where its cameras stand, the closed-form rotation, construction, and the inverse."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tvdrnet_nv.camera import Camera, Orbit, look_at_view_transform
from tvdrnet_nv.camera.orbit import WORLD_AXES

F64 = torch.float64


def random_orbit(seed, up="y", size=4):
    rng = np.random.default_rng(seed)
    draw = {
        "distance": rng.uniform(0.5, 9, size),
        "elevation": rng.uniform(-89, 89, size),
        "azimuth": rng.uniform(-170, 170, size),
        "fov": rng.uniform(20, 120, size),
        "at": rng.normal(size=(size, 3)),
    }
    return Orbit.create(**draw, up=up, dtype=F64)


@pytest.mark.parametrize("seed", range(3))
def test_y_up_is_pytorch3ds_look_at(seed):
    orbit = random_orbit(seed)
    camera = orbit.camera()
    R, T = look_at_view_transform(orbit.distance, orbit.elevation, orbit.azimuth, at=orbit.at)
    torch.testing.assert_close(camera.R, R, atol=1e-13, rtol=0)
    torch.testing.assert_close(camera.T, T, atol=1e-12, rtol=0)
    torch.testing.assert_close(camera.fov, orbit.fov, atol=1e-12, rtol=0)


@pytest.mark.parametrize("up", WORLD_AXES)
def test_position_is_what_the_frame_says(up):
    orbit = random_orbit(7, up)
    e, a = torch.deg2rad(orbit.elevation), torch.deg2rad(orbit.azimuth)
    direction = torch.stack([e.cos() * a.sin(), e.sin(), e.cos() * a.cos()], -1)
    expected = orbit.at + orbit.distance[:, None] * direction @ orbit.frame.T
    torch.testing.assert_close(orbit.camera().position, expected, atol=1e-12, rtol=0)
    torch.testing.assert_close(torch.linalg.det(orbit.frame), torch.tensor(1.0, dtype=F64))


def test_z_up_is_a_look_at_with_z_upright():
    orbit = random_orbit(8, "z")
    camera = orbit.camera()
    R, T = look_at_view_transform(eye=camera.position, at=orbit.at, up=((0.0, 0.0, 1.0),))
    torch.testing.assert_close(camera.R, R, atol=1e-12, rtol=0)
    torch.testing.assert_close(camera.T, T, atol=1e-12, rtol=0)
    front = Orbit.create(2.0, 0.0, 0.0, up="z").camera()
    torch.testing.assert_close(front.position, torch.tensor([[0.0, -2.0, 0.0]]), atol=1e-6, rtol=0)
    above = Orbit.create(2.0, 90.0, 0.0, up="z").camera()
    torch.testing.assert_close(above.position, torch.tensor([[0.0, 0.0, 2.0]]), atol=1e-6, rtol=0)


@pytest.mark.parametrize("up", WORLD_AXES)
@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_goes_over_the_pole_without_a_jump(up, pole):
    step = 1e-4
    elevation = torch.tensor([pole - step, pole, pole + step], dtype=F64)
    R = Orbit.create(2.0, elevation, 25.0, up=up).camera().R
    turn = np.deg2rad(step)
    # Each step turns the camera by `step` about its own x axis: equal chords, equal and small.
    for one, other in ((R[0], R[1]), (R[1], R[2])):
        chord = float(torch.linalg.matrix_norm(other - one))
        assert chord == pytest.approx(np.sqrt(2) * turn, rel=1e-6)
    identity = torch.eye(3, dtype=F64).expand(3, 3, 3)
    torch.testing.assert_close(R.transpose(1, 2) @ R, identity, atol=1e-14, rtol=0)


@pytest.mark.parametrize("up", WORLD_AXES)
def test_looks_at_its_point_from_its_distance(up):
    orbit = random_orbit(9, up)
    camera = orbit.camera()
    clip = camera.to_clip(orbit.at[:, None], 1.5, 0.01, 50.0)
    assert clip.shape == (4, 1, 4)
    torch.testing.assert_close(clip[:, 0, :2], torch.zeros(4, 2, dtype=F64), atol=1e-12, rtol=0)
    torch.testing.assert_close(clip[:, 0, 3], orbit.distance, atol=1e-12, rtol=0)


def test_lists_of_different_lengths_are_named():
    with pytest.raises(TypeError, match=r"distance must be a number, a sequence .*, got \[\[1, 2\], \[3\]\]"):
        Orbit.create([[1, 2], [3]], 10, 20)


def test_create_broadcasts_and_documents_its_types():
    orbit = Orbit.create([1.0, 2.0, 3.0], 10, np.array([0.0, 90.0, 180.0]), at=(1, 2, 3))
    assert len(orbit) == 3
    for name in ("distance", "elevation", "azimuth", "fov"):
        assert getattr(orbit, name).shape == (3,)
        assert getattr(orbit, name).dtype == torch.float32
    assert orbit.at.shape == (3, 3)
    assert orbit.fov.tolist() == [60.0] * 3
    assert Orbit.create(torch.tensor(2.0, dtype=F64), 0.0, 0.0).dtype == F64
    camera = orbit.camera()
    assert len(camera) == 3


def test_create_keeps_gradients():
    distance = torch.tensor(2.0, requires_grad=True)
    Orbit.create(distance, [0.0, 30.0], 0.0).camera().position.sum().backward()
    assert distance.grad is not None
    assert float(distance.grad) == pytest.approx(1 + np.cos(np.pi / 6) + 0.5, rel=1e-6)


def test_indexing_replacing_and_moving():
    orbit = random_orbit(3)
    assert len(orbit[1]) == 1
    assert orbit[-1].distance.item() == orbit.distance[3].item()
    assert len(orbit[1:3]) == 2
    assert [o.azimuth.item() for o in orbit] == orbit.azimuth.tolist()
    with pytest.raises(IndexError, match="index 4 is out of range for 4"):
        orbit[4]
    moved = orbit.replace(distance=torch.ones(4, dtype=F64))
    assert moved.distance.tolist() == [1.0] * 4
    assert moved.at is orbit.at
    assert orbit.to(torch.float32).at.dtype == torch.float32
    live = orbit.replace(fov=orbit.fov.clone().requires_grad_())
    assert live.fov.requires_grad
    assert not live.detach().fov.requires_grad
    with pytest.raises(ValueError, match=r"Orbit.distance must have shape \[B\], got \[4, 1\]"):
        orbit.replace(distance=torch.ones(4, 1, dtype=F64))


def test_to_dict():
    orbit = Orbit.create(2.0, 30.0, 40.0, 50.0, (1.0, 2.0, 3.0), "z")
    expected = {"distance": 2.0, "elevation": 30.0, "azimuth": 40.0, "fov": 50.0, "at": [1.0, 2.0, 3.0], "up": "z"}
    assert orbit.to_dict() == expected
    with pytest.raises(ValueError, match="to_dict takes one orbit, got 4"):
        random_orbit(0).to_dict()


@pytest.mark.parametrize("up", WORLD_AXES)
def test_from_camera_inverts(up):
    orbit = random_orbit(11, up)
    back = Orbit.from_camera(orbit.camera(), orbit.distance, up)
    for name in ("distance", "elevation", "azimuth", "fov", "at"):
        torch.testing.assert_close(getattr(back, name), getattr(orbit, name), atol=1e-10, rtol=0)
    assert back.up == up


@pytest.mark.parametrize("up", WORLD_AXES)
@pytest.mark.parametrize("pole", [90.0, -90.0])
@pytest.mark.parametrize("dtype", [torch.float32, F64])
def test_from_camera_at_the_poles(up, pole, dtype):
    camera = Orbit.create(2.0, pole, 25.0, up=up, dtype=dtype).camera()
    back = Orbit.from_camera(camera, 2.0, up)
    assert back.elevation.item() == pytest.approx(pole, abs=1e-4)
    assert back.azimuth.item() == pytest.approx(25.0, abs=1e-4)


def test_from_camera_drops_roll():
    camera = Camera.from_look_at((3.0, 2.0, 1.0), (0.0, 0.0, 0.0), (0.3, 1.0, 0.1))
    back = Orbit.from_camera(camera, 14**0.5)
    torch.testing.assert_close(back.at, torch.zeros(1, 3), atol=1e-6, rtol=0)
    torch.testing.assert_close(back.camera().position, camera.position, atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"distance": 0.0}, "distance must be positive and finite, got 0"),
        ({"distance": [1.0, -2.0]}, "distance must be positive and finite, got -2"),
        ({"distance": float("inf")}, "distance must be positive and finite, got inf"),
        ({"fov": 180.0}, "fov must be between 0 and 180 degrees, got 180"),
        ({"fov": 0.0}, "fov must be between 0 and 180 degrees, got 0"),
        ({"elevation": float("nan")}, "elevation must be finite, got nan"),
        ({"at": (0.0, float("inf"), 0.0)}, "at must be finite, got inf"),
        ({"at": (0.0, 1.0)}, r"at must have shape \[B, 3\], got \[2\]"),
        ({"distance": [1.0, 2.0], "fov": [50.0, 60.0, 70.0]}, "batch sizes must be equal or 1"),
        ({"up": "w"}, "up must be one of x, y, z, -x, -y, -z; got 'w'"),
    ],
)
def test_create_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        Orbit.create(**{"distance": 1.0, "elevation": 0.0, "azimuth": 0.0, **change})


def test_create_refuses_types():
    with pytest.raises(TypeError, match="azimuth must be a number"):
        Orbit.create(1.0, 0.0, "north")
    with pytest.raises(TypeError, match="dtype must be"):
        Orbit.create(1.0, 0.0, 0.0, dtype=torch.float16)
    with pytest.raises(TypeError, match=r"Orbit.at is torch.float64, but Orbit.distance is torch.float32"):
        Orbit.create(1.0, 0.0, 0.0).replace(at=torch.zeros(1, 3, dtype=F64))
