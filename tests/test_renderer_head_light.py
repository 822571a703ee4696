"""A lamp at the camera: what it shows, its gradient, and a camera that is found in it."""

from __future__ import annotations

import pytest
import torch

from tests.test_renderer_gradients import central_differences, gradient_of, inside_out, orbit_of
from tvdrnet_nv import MatchImage, Orbit, PhongLight, Renderer, Status, optimize
from tvdrnet_nv.io._build import UNCOLORED
from tvdrnet_nv.ops import backends
from tvdrnet_nv.optimization.jacobian import image_jacobian
from tvdrnet_nv.scenes import room, sphere, textured_box
from tvdrnet_nv.shading import UNLIT

HEAD = PhongLight(location=(9.0, 9.0, 9.0), head=True)
TWO = Orbit.create([4.0, 3.5], [20.0, -35.0], [30.0, 160.0])


@pytest.mark.parametrize("backend", ["cpu", "reference"])
@pytest.mark.parametrize("antialias", [True, False])
def test_it_is_the_point_light_at_the_eye(backend: str, antialias: bool) -> None:
    mesh = textured_box(3)
    with backends.using(backend):
        images = Renderer(mesh, (20, 28), light=HEAD, antialias=antialias)(TWO.camera()).rgba
        for k in range(2):
            camera = TWO[k].camera()
            x, y, z = camera.position[0].tolist()
            point = Renderer(mesh, (20, 28), light=PhongLight((x, y, z)), antialias=antialias)
            torch.testing.assert_close(images[k : k + 1], point(camera).rgba, rtol=0, atol=2e-5)


@pytest.mark.parametrize("color", [1.0, 0.9, 0.53, UNCOLORED])
def test_a_lit_colour_is_at_most_1_3_times_itself_and_0_3(color: float) -> None:
    mesh = sphere(3)
    mesh = type(mesh)(mesh.vertices, mesh.faces, torch.full_like(mesh.vertices, color))
    renderer = Renderer(mesh, 33, light=HEAD, background=(0.0, 0.0, 0.0))  # which shows the brightest place
    brightest = float(renderer(TWO.camera()).rgba[..., :3].max())
    assert brightest == pytest.approx(1.3 * color + 0.3, abs=0.02)
    assert brightest <= 1.3 * color + 0.3 + 1e-5
    assert (brightest <= 1) == (color <= 0.53)


def test_far_from_the_origin_it_is_still_at_the_eye() -> None:
    mesh = textured_box(3)
    shift = torch.tensor([500.0, -300.0, 200.0])
    far = type(mesh)(mesh.vertices + shift, mesh.faces, mesh.colors)
    near, there = (Renderer(each, 24, light=HEAD) for each in (mesh, far))
    orbit = TWO[0]
    difference = near(orbit.camera()).rgba - there(orbit.replace(at=orbit.at + shift).camera()).rgba
    assert float(difference.abs().mean()) < 1e-3


@pytest.mark.parametrize("backend", ["cpu", "reference"])
def test_its_gradient_has_the_lamps_own_movement(backend: str) -> None:
    # Inside a sphere the loss is smooth: nothing hides anything.
    mesh = inside_out(sphere(3))
    values = torch.tensor([0.3, 12.0, 33.0, 62.0, 0.05, -0.1, 0.08], dtype=torch.float64)
    steps = torch.tensor([1e-6, 1e-5, 1e-5, 1e-5, 1e-6, 1e-6, 1e-6], dtype=torch.float64)
    with backends.using(backend):
        renderer = Renderer(mesh, (12, 14), light=HEAD, antialias=False, dtype=torch.float64)
        with torch.no_grad():
            objective = MatchImage(renderer(orbit_of(values + 0.1).camera()).rgb[0])
        gradient = gradient_of(renderer, objective, values)
        differences = central_differences(renderer, objective, values, steps)
    assert float((gradient - differences).norm() / differences.norm()) < 1e-5
    # A lamp that stayed where it is would have another one.
    x, y, z = orbit_of(values).camera().position[0].tolist()
    fixed = Renderer(mesh, (12, 14), light=PhongLight((x, y, z)), antialias=False, dtype=torch.float64)
    assert float((gradient_of(fixed, objective, values) - differences).norm() / differences.norm()) > 1e-2


def test_forward_mode_agrees_with_differences() -> None:
    renderer = Renderer(inside_out(sphere(3)), (12, 14), light=HEAD, antialias=False, dtype=torch.float64)
    values = torch.tensor([0.3, 12.0, 33.0, 62.0, 0.05, -0.1, 0.08], dtype=torch.float64)

    def image(x: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
        moved = values + 1e-3 * x  # differences of 1e-6
        return renderer(Orbit(moved[:, 0], moved[:, 1], moved[:, 2], moved[:, 3], moved[:, 4:]).camera()).rgba

    here, rows = torch.zeros(1, 7, dtype=torch.float64), torch.zeros(1, dtype=torch.int64)
    _, exact = image_jacobian(image, here, rows, forward_mode=True)
    _, differences = image_jacobian(image, here, rows, forward_mode=False)
    assert float((exact - differences).norm() / differences.norm()) < 1e-4


def test_without_answer_to_light_it_is_no_lamp() -> None:
    bare = PhongLight(ambient=1.0, diffuse=0.0, specular=0.0, head=True)
    assert not bare.follows_camera
    mesh, camera = textured_box(2), TWO.camera()
    assert torch.equal(Renderer(mesh, 16, light=bare)(camera).rgba, Renderer(mesh, 16, light=UNLIT)(camera).rgba)


def test_a_camera_is_found_again_in_it() -> None:
    renderer = Renderer(room(6000), (48, 64), light=HEAD)
    truth = Orbit.create(6.0, 50.0, 60.0, at=renderer.mesh.center.tolist())
    with torch.no_grad():
        target = renderer(truth.camera()).rgb[0].clamp(0, 1)
    start = truth.replace(elevation=truth.elevation - 6, azimuth=truth.azimuth + 8, distance=truth.distance * 1.08)
    result = optimize(renderer, start, MatchImage(target))
    assert result.status == Status.CONVERGED
    assert abs(float(result.best.azimuth - truth.azimuth)) < 0.05
    assert abs(float(result.best.distance - truth.distance)) < 0.005 * 6
