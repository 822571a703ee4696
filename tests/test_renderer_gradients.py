"""The renderer's gradient against differences of what it shows."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from tvdrnet_nv import Camera, MatchImage, Mesh, Orbit, PhongLight, Render, Renderer, view_heuristic
from tvdrnet_nv.scenes import sphere, sphere_field, textured_box


def inside_out(mesh: Mesh) -> Mesh:
    return Mesh(mesh.vertices, mesh.faces.flip(1), mesh.colors)


NAMES = ("distance", "elevation", "azimuth", "fov", "at_x", "at_y", "at_z")


def orbit_of(values: Tensor) -> Orbit:
    """One camera from the seven numbers, float64."""
    return Orbit(values[0:1], values[1:2], values[2:3], values[3:4], values[4:7][None])


def gradient_of(renderer: Renderer, objective, values: Tensor) -> Tensor:
    values = values.clone().requires_grad_()
    objective(renderer(orbit_of(values).camera())).sum().backward()
    assert values.grad is not None
    return values.grad


def central_differences(renderer: Renderer, objective, values: Tensor, steps: Tensor) -> Tensor:
    slopes = []
    for i, step in enumerate(steps):
        moved = [values.clone(), values.clone()]
        moved[0][i] += step
        moved[1][i] -= step
        with torch.no_grad():
            high, low = (float(objective(renderer(orbit_of(v).camera()))) for v in moved)
        slopes.append((high - low) / (2 * float(step)))
    return torch.tensor(slopes, dtype=torch.float64)


@pytest.mark.parametrize("objective_name", ["heuristic", "match"])
@pytest.mark.parametrize("elevation", [12.0, -55.0, 90.0])
def test_camera_gradient_on_a_smooth_scene(objective_name, elevation):
    # Inside a sphere nothing hides anything and there is no silhouette: the loss is smooth but for kinks on the edges.
    mesh = inside_out(sphere(3))
    renderer = Renderer(mesh, (20, 24), light=PhongLight((0.2, 0.3, -0.1)), antialias=False, dtype=torch.float64)
    values = torch.tensor([0.3, elevation, 33.0, 62.0, 0.05, -0.1, 0.08], dtype=torch.float64)
    if objective_name == "match":
        with torch.no_grad():
            other = renderer(orbit_of(values + 0.1).camera())
        objective = MatchImage(other.rgb[0])
    else:
        objective = view_heuristic
    assert (renderer(orbit_of(values).camera()).face_ids >= 0).all()
    gradient = gradient_of(renderer, objective, values)
    steps = torch.tensor([1e-6, 1e-5, 1e-5, 1e-5, 1e-6, 1e-6, 1e-6], dtype=torch.float64)
    differences = central_differences(renderer, objective, values, steps)
    assert float((gradient - differences).norm() / differences.norm()) < 1e-5
    for name, got, expected in zip(NAMES, gradient, differences, strict=True):
        assert float((got - expected).abs()) < 1e-5 * float(differences.abs().max()), name


class Supersampled:
    """Renders at `factor` times the resolution without antialiasing, and averages: the truth at silhouettes too."""

    def __init__(self, mesh: Mesh, resolution: int, light: PhongLight, factor: int = 16) -> None:
        size = resolution * factor
        self._renderer = Renderer(mesh, size, light=light, antialias=False, dtype=torch.float64)
        self._factor = factor

    def __call__(self, camera: Camera) -> Render:
        fine = self._renderer(camera)
        rgb, alpha = (
            torch.nn.functional.avg_pool2d(image.permute(0, 3, 1, 2), self._factor).permute(0, 2, 3, 1)
            for image in (fine.rgb, fine.alpha)
        )
        return fine.showing(torch.cat([rgb, alpha], dim=-1))


def coverage(render: Render) -> Tensor:
    return render.alpha.mean(dim=(1, 2, 3))


# The bound on |gradient - truth| / |truth|, angles in radians and lengths in scene radii. Antialiasing takes the
# coverage of a pixel from one crossing on the line between two centres, which is first order: a few per cent on the
# coverage. The colour at the silhouette is taken from the pixel's centre, where a rounded surface is lit otherwise than
# at its limb, and pixels in which several silhouettes meet count only one: up to three tenths on the colours.
@pytest.mark.parametrize(
    ("scene", "coverage_bound", "heuristic_bound"), [("sphere", 0.05, 0.2), ("box", 0.06, 0.1), ("field", 0.2, 0.35)]
)
def test_silhouette_gradient_against_supersampled_renders(scene, coverage_bound, heuristic_bound):
    mesh = {"sphere": lambda: sphere(4), "box": lambda: textured_box(8), "field": lambda: sphere_field(12, seed=1)}[
        scene
    ]()
    light = PhongLight((4.0, 5.0, 6.0))
    x, y, z = mesh.center.tolist()
    values = torch.tensor([2.6 * mesh.radius, 25.0, 33.0, 60.0, x, y, z], dtype=torch.float64)
    renderer = Renderer(mesh, 64, light=light, dtype=torch.float64)
    truth = Supersampled(mesh, 64, light)
    steps = torch.tensor([4e-3, 0.2, 0.2, 0.2, 4e-3, 4e-3, 4e-3], dtype=torch.float64)
    degrees = 180 / math.pi
    units = torch.tensor([mesh.radius, degrees, degrees, degrees, *[mesh.radius] * 3], dtype=torch.float64)
    for objective, bound in ((coverage, coverage_bound), (view_heuristic, heuristic_bound)):
        gradient = gradient_of(renderer, objective, values) * units
        differences = central_differences(truth, objective, values, steps) * units
        error = float((gradient - differences).norm() / differences.norm())
        assert error < bound, f"{objective.__name__}: {error:.3f}"


def test_without_antialiasing_the_silhouette_gradient_is_lost():
    # The opposite of the test above, so that it cannot pass for another reason.
    mesh = sphere(4)
    light = PhongLight((4.0, 5.0, 6.0))
    values = torch.tensor([2.6, 25.0, 33.0, 60.0, 0.0, 0.0, 0.0], dtype=torch.float64)
    hard = gradient_of(Renderer(mesh, 64, light=light, antialias=False, dtype=torch.float64), view_heuristic, values)
    soft = gradient_of(Renderer(mesh, 64, light=light, dtype=torch.float64), view_heuristic, values)
    assert hard[0] * soft[0] < 0
