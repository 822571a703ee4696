"""Every parameter's gradient against central differences in float64, at the poles and away from them."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.camera import Camera, Orbit, look_at_rotation, look_at_view_transform
from tvdrnet_nv.camera.orbit import WORLD_AXES

F64 = torch.float64
PARAMETERS = ("distance", "elevation", "azimuth", "fov", "at")


def weights_like(tensor, seed):
    return torch.randn(tensor.shape, generator=torch.Generator().manual_seed(seed), dtype=F64)


def orbit_parameters(elevation, seed, size=2):
    generator = torch.Generator().manual_seed(seed)

    def draw(low, high, *shape):
        return low + (high - low) * torch.rand(*shape, generator=generator, dtype=F64)

    return {
        "distance": draw(1.0, 6.0, size),
        "elevation": torch.full((size,), elevation, dtype=F64),
        "azimuth": draw(-180.0, 180.0, size),
        "fov": draw(30.0, 100.0, size),
        "at": draw(-2.0, 2.0, size, 3),
    }


def clip_points(parameters, up, aspect=1.6):
    """Clip coordinates [K, 5, 4] of five fixed world points: what a renderer sees of the camera."""
    points = weights_like(torch.empty(5, 3), 17)
    return Orbit(**parameters, up=up).camera().to_clip(points, aspect, 0.3, 12.0)


def central_difference(function, parameters, name, index, step=1e-4):
    """d function / d parameters[name][index], by a fourth-order difference."""

    def at(offset):
        moved = dict(parameters)
        moved[name] = parameters[name].clone()
        moved[name][index] += offset
        return function(moved)

    return (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step)


@pytest.mark.parametrize("up", WORLD_AXES)
@pytest.mark.parametrize("elevation", [0.0, 38.0, 89.999, 90.0, -90.0, 90.001, 135.0])
@pytest.mark.parametrize("name", PARAMETERS)
def test_orbit_gradient_is_the_central_difference(name, elevation, up):
    parameters = orbit_parameters(elevation, seed=5)
    weights = weights_like(torch.empty(2, 5, 4), 23)

    def loss(values):
        return (weights * clip_points(values, up)).sum()

    leaf = parameters[name].clone().requires_grad_()
    (gradient,) = torch.autograd.grad(loss({**parameters, name: leaf}), leaf)
    assert bool(torch.isfinite(gradient).all())
    for index in torch.cartesian_prod(*(torch.arange(n) for n in leaf.shape)).reshape(-1, leaf.ndim).tolist():
        expected = central_difference(loss, parameters, name, tuple(index))
        got = gradient[tuple(index)]
        assert abs(float(got)) > 1e-6, "the loss depends on every parameter"
        torch.testing.assert_close(got, expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("elevation", [90.0, -90.0])
@pytest.mark.parametrize("name", ["elevation", "azimuth"])
@pytest.mark.parametrize("dtype", [torch.float32, F64])
def test_at_the_poles_each_angle_turns_the_camera(name, elevation, dtype):
    angles = {"elevation": torch.tensor([elevation], dtype=dtype), "azimuth": torch.tensor([33.0], dtype=dtype)}
    angles[name].requires_grad_()
    R = Orbit.create(2.0, **angles).camera().R
    # A rotation by one degree changes R by √2 · π/180, whatever its axis.
    jacobian = torch.stack([torch.autograd.grad(entry, angles[name], retain_graph=True)[0] for entry in R.flatten()])
    expected = torch.tensor(2**0.5 * torch.pi / 180, dtype=dtype)
    torch.testing.assert_close(torch.linalg.vector_norm(jacobian), expected, rtol=1e-5, atol=0)


@pytest.mark.parametrize("up", WORLD_AXES)
@pytest.mark.parametrize("elevation", [25.0, 90.0, -90.0])
def test_orbit_gradcheck(elevation, up):
    parameters = [value.requires_grad_() for value in orbit_parameters(elevation, seed=6).values()]

    def function(*values):
        camera = Orbit(*values, up=up).camera()
        return camera.clip_matrix(0.7, 0.3, 12.0), camera.position, camera.fov, camera.to_camera_to_world()

    assert torch.autograd.gradcheck(function, parameters)


def test_camera_gradcheck_in_every_field():
    camera = Orbit.create([2.0, 3.0], 20.0, [30.0, 200.0], dtype=F64).camera()
    principal = torch.tensor([[0.1, -0.2], [0.3, 0.05]], dtype=F64)
    leaves = [t.clone().requires_grad_() for t in (camera.R, camera.T, camera.focal, principal)]

    def function(R, T, focal, principal):
        camera = Camera(R, T, focal, principal)
        opencv = camera.to_opencv((48, 64))
        matrices = camera.clip_matrix(4 / 3, 0.5, 9.0), camera.clip_matrix(0.8, 0.5, 9.0)
        return (
            *matrices,
            camera.projection_matrix(4 / 3, 0.5, 9.0),
            camera.view_matrix(),
            camera.position,
            *opencv,
            camera.to_camera_to_world(),
        )

    assert torch.autograd.gradcheck(function, leaves)


@pytest.mark.parametrize("seed", range(3))
def test_look_at_gradcheck(seed):
    eye, at, up = (weights_like(torch.empty(2, 3), seed * 3 + k).requires_grad_() for k in range(3))
    fov = torch.tensor([50.0, 70.0], dtype=F64, requires_grad=True)

    def function(eye, at, up, fov):
        camera = Camera.from_look_at(eye, at, up, fov)
        return camera.clip_matrix(1.5, 0.1, 9.0), look_at_rotation(eye, at, up)

    assert torch.autograd.gradcheck(function, (eye, at, up, fov))


@pytest.mark.parametrize("degrees", [True, False])
def test_view_transform_gradcheck(degrees):
    scale = 1.0 if degrees else torch.pi / 180
    values = ([2.0, 3.0], [20.0 * scale, -60.0 * scale], [40.0 * scale, 170.0 * scale])
    leaves = [torch.tensor(v, dtype=F64, requires_grad=True) for v in values]
    at = weights_like(torch.empty(2, 3), 3).requires_grad_()
    up = torch.tensor([[0.1, 1.0, 0.2]], dtype=F64, requires_grad=True)

    def function(dist, elev, azim, at, up):
        return look_at_view_transform(dist, elev, azim, degrees, at=at, up=up)

    assert torch.autograd.gradcheck(function, (*leaves, at, up))


@pytest.mark.parametrize("elev", [90.0, -90.0])
def test_view_transform_at_the_poles_has_finite_gradients(elev):
    leaves = [torch.tensor([v], dtype=F64, requires_grad=True) for v in (2.0, elev, 40.0)]
    R, T = look_at_view_transform(*leaves, at=((0.3, 0.1, 0.2),))
    loss = (R * weights_like(R, 1)).sum() + (T * weights_like(T, 2)).sum()
    gradients = torch.autograd.grad(loss, leaves)
    reference = [leaf.detach().requires_grad_() for leaf in leaves]
    camera = Orbit.create(*reference, at=(0.3, 0.1, 0.2)).camera()
    loss = (camera.R * weights_like(R, 1)).sum() + (camera.T * weights_like(T, 2)).sum()
    for got, expected in zip(gradients, torch.autograd.grad(loss, reference), strict=True):
        assert bool(torch.isfinite(got).all())
        torch.testing.assert_close(got, expected, rtol=1e-9, atol=1e-9)


def test_up_parallel_to_the_view_follows_the_substitute():
    # The substitute depends on the viewing direction alone: gradients along moves that keep `up` parallel are exact.
    eye = torch.tensor([[0.0, 2.0, 0.0]], dtype=F64)

    def loss(height):
        moved = eye + torch.tensor([[0.0, 1.0, 0.0]], dtype=F64) * height
        R, T = look_at_view_transform(eye=moved)
        return (R * weights_like(R, 1)).sum() + (T * weights_like(T, 2)).sum()

    height = torch.zeros((), dtype=F64, requires_grad=True)
    (gradient,) = torch.autograd.grad(loss(height), height)
    step = 1e-5
    expected = (loss(height.detach() + step) - loss(height.detach() - step)) / (2 * step)
    assert abs(float(expected)) > 0.01
    torch.testing.assert_close(gradient, expected, rtol=1e-8, atol=0)
