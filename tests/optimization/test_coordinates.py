"""The coordinates in which cameras are moved: of orbits, and on the manifold of poses."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tests.ops.marks import FORWARD_AD
from tvdrnet_nv import Camera, Orbit, Renderer
from tvdrnet_nv.camera import OrbitFrame, concatenate, orthonormal, rotation_from_vector
from tvdrnet_nv.optimization import PARAMETERS, POSE_PARAMETERS, visible_centers
from tvdrnet_nv.optimization.adam_stepper import AdamStepper
from tvdrnet_nv.optimization.coordinates import Coordinates
from tvdrnet_nv.optimization.jacobian import image_jacobian
from tvdrnet_nv.optimization.orbit_coordinates import OrbitCoordinates
from tvdrnet_nv.optimization.pose_coordinates import PoseCoordinates
from tvdrnet_nv.optimization.pyramid import averaged
from tvdrnet_nv.scenes import sphere

F64 = torch.float64
PLANES = {"near": 0.1, "far": 100.0}

pytestmark = FORWARD_AD


def orbits() -> Orbit:
    return Orbit.create(
        [2.5, 3.0], [10.0, -80.0], [100.0, 359.0], [47.0, 20.0], [[1.0, 2.0, 3.0], [0, 0, -1]], dtype=F64
    )


def cameras(seed: int = 0) -> Camera:
    generator = torch.Generator().manual_seed(seed)
    R = rotation_from_vector(torch.randn(2, 3, generator=generator, dtype=F64))
    focal = 1.5 + torch.rand(2, 2, generator=generator, dtype=F64)
    principal = 0.2 * torch.randn(2, 2, generator=generator, dtype=F64)
    camera = Camera(R, torch.randn(2, 3, generator=generator, dtype=F64) + 2, focal, principal)
    return camera.completed(POSE_PARAMETERS)


def pose_coordinates(start: Camera, names: tuple[str, ...] = POSE_PARAMETERS) -> PoseCoordinates:
    pivot = start.position + 3.0 * start.R[:, :, 2] + 0.1
    return PoseCoordinates(start, names, 2.0, pivot)


def steps(coordinates: Coordinates, size: float, count: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return size * torch.randn(count, len(coordinates.rates), generator=generator, dtype=F64)


# --- rotations ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0.0, 1e-9, 0.0099, 0.0101, 1.0, 3.1, 7.0])
def test_rotations_are_matrix_exponentials(length: float) -> None:
    vector = length * torch.nn.functional.normalize(torch.tensor([1.0, -2.0, 0.5], dtype=F64), dim=0)
    x, y, z = vector.tolist()
    generator = torch.tensor([[0, -z, y], [z, 0, -x], [-y, x, 0]], dtype=F64)
    power = series = torch.eye(3, dtype=F64)
    for n in range(1, 50):
        power = power @ generator / n
        series = series + power
    torch.testing.assert_close(rotation_from_vector(vector), series, rtol=0, atol=1e-13 if length > 3 else 1e-15)
    vector.requires_grad_()
    assert torch.autograd.gradcheck(rotation_from_vector, vector, check_forward_ad=True)


def test_rounding_is_taken_out_of_a_rotation() -> None:
    off = rotation_from_vector(torch.tensor([0.3, 0.2, -1.0], dtype=F64)) + 1e-6 * torch.randn(3, 3, dtype=F64)
    again = orthonormal(off)
    torch.testing.assert_close(again.T @ again, torch.eye(3, dtype=F64), rtol=0, atol=1e-10)
    torch.testing.assert_close(again, off, rtol=0, atol=1e-5)


# --- viewpoints ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [orbits, cameras])
def test_viewpoints_are_taken_apart_and_put_together(make) -> None:
    pair = make()
    again = pair.unpack(pair.pack())
    both = concatenate([pair[1], pair[0]])
    swapped = pair[torch.tensor([1, 0])]
    placed = pair.with_rows(torch.tensor([0]), pair[1])
    for a, b in ((again, pair), (both, swapped), (placed, pair[torch.tensor([1, 1])])):
        torch.testing.assert_close(a.pack(), b.pack(), rtol=0, atol=0)
    with pytest.raises(IndexError, match="one dimension"):
        pair[torch.zeros(1, 1, dtype=torch.int64)]


def test_a_mount_keeps_roll_and_lens() -> None:
    start = cameras(3)
    frame = OrbitFrame(start, torch.tensor([2.0, 3.0], dtype=F64))
    torch.testing.assert_close(frame.viewpoints(frame.orbits).pack(), start.pack(), rtol=0, atol=1e-12)
    # On, along the orbit, the look-at point stays where it is in the image, and what is upright keeps its roll.
    on = frame.viewpoints(frame.orbits.replace(azimuth=frame.orbits.azimuth + 90.0))
    point = frame.orbits.at
    depths = ((point[:, None] @ on.R)[:, 0] + on.T)[:, 2]
    torch.testing.assert_close(depths, torch.tensor([2.0, 3.0], dtype=F64))
    pole = 1 if frame.orbits.up == "y" else 2
    torch.testing.assert_close(on.R[:, pole], start.R[:, pole], rtol=0, atol=1e-12)
    picked = frame.viewpoints(frame.orbits[torch.tensor([1, 1])], torch.tensor([1, 1]))
    torch.testing.assert_close(picked.pack(), start[torch.tensor([1, 1])].pack(), rtol=0, atol=1e-12)


# --- orbits -------------------------------------------------------------------------------------------------------


def test_steps_of_an_orbit_are_logarithms_and_radians() -> None:
    start = Orbit.create([2.0, 3.0], 10.0, 20.0, [50.0, 20.0])
    orbit = OrbitCoordinates(start, ("distance", "azimuth"), 1.0).retract(
        start, torch.tensor([[0.5, 0.1], [-1.0, 0.0]])
    )
    assert orbit.distance.tolist() == pytest.approx([2 * math.exp(0.5), 3 / math.e])
    assert orbit.azimuth.tolist() == pytest.approx([20 + math.degrees(0.1), 20.0])
    assert orbit.fov.tolist() == [50.0, 20.0]


def test_steps_end_at_the_limits() -> None:
    start = Orbit.create(2.0, 80.0, 20.0, 140.0, dtype=F64)
    coordinates = OrbitCoordinates(start, PARAMETERS, 1.0)
    far = torch.tensor([[9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0]], dtype=F64)
    there = coordinates.retract(start, coordinates.limited(start, far))
    assert (float(there.distance), float(there.elevation), float(there.fov)) == pytest.approx((100.0, 90.0, 150.0))
    assert float(there.azimuth) == pytest.approx(20 + math.degrees(9.0))
    camera = cameras()
    lens = pose_coordinates(camera)
    there = lens.retract(camera, lens.limited(camera, torch.full((2, len(lens.rates)), 5.0, dtype=F64)))
    assert there.fov.tolist() == pytest.approx([5.0, 5.0])
    torch.testing.assert_close(there.principal, torch.ones(2, 2, dtype=F64))


# --- poses --------------------------------------------------------------------------------------------------------


def test_a_turn_about_the_pivot_leaves_it_where_it_is() -> None:
    start = cameras()
    coordinates = pose_coordinates(start)
    turn = torch.zeros(2, len(coordinates.rates), dtype=F64)
    turn[:, :3] = torch.tensor([0.5, -0.3, 0.8])
    moved = coordinates.retract(start, turn)
    pivot = start.position + 3.0 * start.R[:, :, 2] + 0.1
    seen = [(pivot[:, None] @ camera.R)[:, 0] + camera.T for camera in (start, moved)]
    torch.testing.assert_close(*seen)
    alone = pose_coordinates(start, ("rotation",)).retract(start, turn[:, :3])
    torch.testing.assert_close(alone.position, start.position)
    # Of the second start, by its row.
    torch.testing.assert_close(coordinates.retract(start[1], turn[1:], torch.tensor([1])).pack(), moved[1].pack())


def test_rotations_stay_rotations_over_a_thousand_steps() -> None:
    camera = cameras().to(torch.float32)
    coordinates = pose_coordinates(camera)
    generator = torch.Generator().manual_seed(2)
    for _ in range(1000):
        step = 0.3 * torch.randn(2, len(coordinates.rates), generator=generator)
        step[:, 3:] = 0
        camera = coordinates.retract(camera, step)
    error = camera.R.transpose(1, 2) @ camera.R - torch.eye(3)
    assert float(error.abs().max()) < 1e-6
    assert (torch.linalg.det(camera.R) > 0).all()


@pytest.mark.parametrize(
    "names", [POSE_PARAMETERS, ("rotation", "position"), ("rotation", "principal"), ("position", "focal")]
)
@pytest.mark.parametrize("seed", range(3))
def test_pose_steps_have_the_right_derivatives(names: tuple[str, ...], seed: int) -> None:
    start = cameras(seed)
    coordinates = pose_coordinates(start, names)
    here = steps(coordinates, 0.3).requires_grad_()

    def clip(step: Tensor) -> Tensor:
        return coordinates.retract(start, step).clip_matrix(1.5, **PLANES)

    assert torch.autograd.gradcheck(clip, here, check_forward_ad=True)
    assert torch.autograd.gradcheck(clip, torch.zeros_like(here, requires_grad=True), check_forward_ad=True)


@pytest.mark.parametrize("names", [PARAMETERS, ("azimuth", "fov")])
def test_orbit_steps_have_the_right_derivatives(names: tuple[str, ...]) -> None:
    start = orbits()
    coordinates = OrbitCoordinates(start, names, 2.0)
    here = steps(coordinates, 0.3).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda step: coordinates.retract(start, step).camera().clip_matrix(1.0, **PLANES), here, check_forward_ad=True
    )


# --- deviations ---------------------------------------------------------------------------------------------------


def public(viewpoint: Orbit | Camera, name: str, start: Orbit | Camera) -> Tensor:
    """A parameter in its public unit, [N, ...]."""
    if name == "rotation":
        # From the start, about the view's axes.
        relative = start.R.transpose(1, 2) @ viewpoint.R
        skew = (relative - relative.transpose(1, 2)) / 2  # relative = exp(w)ᵀ
        return torch.rad2deg(torch.stack([skew[:, 1, 2], skew[:, 2, 0], skew[:, 0, 1]], 1))
    if name == "focal":
        return viewpoint.focal[:, 1]
    return getattr(viewpoint, name)


@pytest.mark.parametrize("kind", ["orbit", "pose", "rotation alone"])
def test_deviations_are_those_of_many_random_steps(kind: str) -> None:
    start = orbits()[0] if kind == "orbit" else cameras()[0]
    names = {"orbit": PARAMETERS, "pose": POSE_PARAMETERS, "rotation alone": ("rotation", "focal")}[kind]
    coordinates = OrbitCoordinates(start, names, 2.0) if kind == "orbit" else pose_coordinates(start, names)
    parameters = len(coordinates.rates)
    generator = torch.Generator().manual_seed(4)
    root = 1e-4 * torch.randn(parameters, parameters, generator=generator, dtype=F64)
    reported = coordinates.deviations(start, root @ root.T)
    draws = torch.randn(20_000, parameters, generator=generator, dtype=F64) @ root.T
    rows = torch.zeros(len(draws), dtype=torch.int64)
    moved = coordinates.retract(start[rows], draws, rows)
    assert tuple(reported) == names
    for name in names:
        spread = public(moved, name, start[rows]).std(0)
        torch.testing.assert_close(
            torch.tensor(reported[name], dtype=F64).reshape(spread.shape), spread, rtol=0.03, atol=0
        )


# --- through the renderer -----------------------------------------------------------------------------------------


def view(coordinates_of: str) -> tuple[Renderer, Orbit | Camera, Coordinates]:
    """A ball seen in float64, with everything free."""
    ball = sphere(3)
    renderer = Renderer(ball, 96, dtype=F64)
    orbit = Orbit.create(2.5, 30.0, 45.0, dtype=F64)
    if coordinates_of == "orbit":
        return renderer, orbit, OrbitCoordinates(orbit, PARAMETERS, ball.radius)
    camera = orbit.camera().completed(POSE_PARAMETERS)
    camera = camera.replace(R=camera.R @ rotation_from_vector(torch.tensor([0.02, -0.03, 0.4], dtype=F64)))
    camera = camera.replace(principal=torch.tensor([[0.05, -0.1]], dtype=F64))
    camera = camera.replace(T=torch.tensor([[0.1, 0.05, 2.5]], dtype=F64))
    return renderer, camera, PoseCoordinates(camera, POSE_PARAMETERS, ball.radius, visible_centers(renderer, camera))


@pytest.mark.parametrize("kind", ["orbit", "pose"])
def test_the_images_jacobian_is_what_central_differences_approach(kind: str) -> None:
    # Levenberg-Marquardt's, on averaged images.
    renderer, start, coordinates = view(kind)

    def image(step: Tensor, rows: Tensor) -> Tensor:
        return averaged(renderer(coordinates.retract(start[rows], step, rows).camera()).rgb, 24)

    here, rows = torch.zeros(1, len(coordinates.rates), dtype=F64), torch.tensor([0])
    (value, exact), (same, differences) = (image_jacobian(image, here, rows, forward_mode=f) for f in (True, False))
    torch.testing.assert_close(value, same)
    assert exact.shape == (1, len(coordinates.rates), 4, 4, 3)
    for p in range(len(coordinates.rates)):
        a, b = exact[0, p].flatten(), differences[0, p].flatten()
        assert float(torch.cosine_similarity(a, b, dim=0)) > 0.98, p
        assert float(a.norm() / b.norm()) == pytest.approx(1.0, abs=0.1), p


@pytest.mark.parametrize("kind", ["orbit", "pose"])
def test_adams_gradient_is_what_central_differences_approach(kind: str) -> None:
    renderer, start, coordinates = view(kind)
    generator = torch.Generator().manual_seed(5)
    weights = torch.nn.functional.interpolate(
        torch.rand(1, 3, 4, 4, generator=generator, dtype=F64), (96, 96), mode="bilinear"
    )[0].permute(1, 2, 0)

    def loss(viewpoint: Orbit | Camera) -> Tensor:
        return (weights * renderer(viewpoint.camera()).rgb).mean((1, 2, 3))

    stepper = AdamStepper(start, coordinates, None, 10)
    loss(stepper.viewpoint()).sum().backward()
    gradient = stepper.gradient()[0] / coordinates.rates
    small = 2e-3 * torch.eye(len(coordinates.rates), dtype=F64)
    with torch.no_grad():
        rows = torch.zeros(len(small), dtype=torch.int64)
        ahead, behind = (loss(coordinates.retract(start[rows], s * small, rows)) for s in (1, -1))
    differences = (ahead - behind) / 4e-3
    torch.testing.assert_close(gradient, differences, rtol=0.1, atol=0.02 * float(differences.abs().max()))
    before = stepper.viewpoint().detach()
    stepper.step()
    assert float(loss(stepper.viewpoint()).detach()) < float(loss(before))


def test_the_point_looked_at_is_at_the_median_depth() -> None:
    renderer = Renderer(sphere(3), 32)
    both = Orbit.create([3.0, 3.0], 0.0, 0.0, at=[[0.0, 0, 0], [0.0, 0, -9.0]]).camera()
    points = visible_centers(renderer, both)
    assert points[0].tolist() == pytest.approx([0.0, 0.0, 0.8], abs=0.2)
    # The other sees nothing: as far ahead as the scene's middle is.
    assert float((points[1] - both.position[1]).norm()) == pytest.approx(float(both.position[1].norm()), rel=1e-3)
