"""The way of a camera through others."""

from __future__ import annotations

import math

import pytest
import torch

from tvdrnet_nv.camera import Camera, Orbit, camera_path, rotation_from_vector, vector_from_rotation

UP = torch.tensor([0.0, 0.0, 1.0])


def orbits(elevations: list[float], azimuths: list[float], distance: float = 4.0, fov: float = 60.0) -> list[Camera]:
    orbit = Orbit.create(distance, elevations, azimuths, fov, at=(1.0, 2.0, 3.0), up="z", dtype=torch.float64)
    return [orbit[k].camera() for k in range(len(orbit))]


def steps(path: Camera) -> torch.Tensor:
    """[count - 1], scene units and radians together."""
    turned = vector_from_rotation(path.R[:-1].transpose(1, 2) @ path.R[1:]).norm(dim=1)
    return path.position.diff(dim=0).norm(dim=1) + turned


@pytest.mark.parametrize("angle", [0.0, 1e-9, 0.3, 3.0, math.pi])
def test_the_vector_of_a_rotation_is_found_at_every_angle(angle: float) -> None:
    axis = torch.nn.functional.normalize(torch.tensor([[0.3, -0.5, 0.8]], dtype=torch.float64))
    R = rotation_from_vector(angle * axis)
    torch.testing.assert_close(rotation_from_vector(vector_from_rotation(R)), R, rtol=0, atol=1e-12)
    assert float(vector_from_rotation(R).norm()) == pytest.approx(angle, abs=1e-12)


def test_it_goes_through_every_camera_and_rests_at_the_ends() -> None:
    given = orbits([20.0, 50.0, 35.0], [10.0, 80.0, 200.0])
    path = camera_path(given, torch.full((3,), 4.0), 4001, UP)
    for camera in given:
        apart = (path.position - camera.position).norm(dim=1) + (path.R - camera.R).flatten(1).norm(dim=1)
        assert float(apart.min()) < 5e-3
    for k, end in ((0, given[0]), (-1, given[-1])):
        torch.testing.assert_close(path[k].R, end.R, rtol=0, atol=1e-9)
        torch.testing.assert_close(path[k].T, end.T, rtol=0, atol=1e-9)
    moved = steps(path)
    assert float(moved[0]) < 0.01 * float(moved.max())
    assert float(moved[-1]) < 0.01 * float(moved.max())


def test_it_is_smooth_where_it_passes_a_camera() -> None:
    path = camera_path(orbits([20.0, 60.0, 30.0, 40.0], [0.0, 40.0, 130.0, 150.0]), torch.full((4,), 4.0), 3001, UP)
    velocity = path.position.diff(dim=0)
    jumps = velocity.diff(dim=0).norm(dim=1)
    assert float(jumps.max()) < 0.02 * float(velocity.norm(dim=1).max())
    turning = vector_from_rotation(path.R[:-1].transpose(1, 2) @ path.R[1:])
    assert float(turning.diff(dim=0).norm(dim=1).max()) < 0.02 * float(turning.norm(dim=1).max())


def test_it_circles_what_is_looked_at_with_a_level_horizon() -> None:
    path = camera_path(orbits([20.0, 65.0], [0.0, 170.0]), torch.full((2,), 4.0), 91, UP)
    away = (path.position - path.position.new_tensor([1.0, 2.0, 3.0])).norm(dim=1)
    assert float(away.min()) == pytest.approx(4.0, abs=1e-9)
    assert float(away.max()) == pytest.approx(4.0, abs=1e-9)
    # The left axis stays level.
    assert float(path.R[:, 2, 0].abs().max()) < 1e-9
    free = camera_path(orbits([20.0, 65.0], [0.0, 170.0]), torch.full((2,), 4.0), 91)
    assert float(free.R[:, 2, 0].abs().max()) > 0.05


def test_over_the_pole_nothing_breaks() -> None:
    path = camera_path(orbits([60.0, 90.0, 60.0], [0.0, 0.0, 180.0]), torch.full((3,), 4.0), 301, UP)
    assert bool(path.R.isfinite().all())
    torch.testing.assert_close(path.R @ path.R.transpose(1, 2), torch.eye(3).double().expand_as(path.R))
    assert float(steps(path).max()) < 0.2


def test_the_lens_changes_evenly_in_its_logarithm_and_never_overshoots() -> None:
    near, far = orbits([20.0], [0.0], fov=30.0)[0], orbits([20.0], [0.0], distance=8.0, fov=90.0)[0]
    path = camera_path([near, far, far], torch.tensor([4.0, 8.0, 8.0]), 201, UP)
    focal = path.focal[:, 0]
    assert bool((focal.diff() <= 1e-12).all())
    low, high = sorted((float(near.focal[0, 0]), float(far.focal[0, 0])))
    assert low - 1e-9 <= float(focal.min()) <= float(focal.max()) <= high + 1e-9


def test_what_cannot_be_a_path_is_refused() -> None:
    one = orbits([20.0], [0.0])
    with pytest.raises(ValueError, match="at least two cameras and two frames; got 1 and 9"):
        camera_path(one, torch.ones(1), 9)
    with pytest.raises(ValueError, match="ahead must be 2 positive numbers"):
        camera_path(one * 2, torch.tensor([1.0, 0.0]), 9)
