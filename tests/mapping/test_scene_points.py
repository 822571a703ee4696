"""What a mapping sees of a scene."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.mapping.small import starts
from tvdrnet_nv import Mesh, Orbit
from tvdrnet_nv.mapping import ScenePoints
from tvdrnet_nv.mapping.scene_points import SYMMETRIES, Symmetry
from tvdrnet_nv.scenes import textured_box


def test_points_lie_on_the_surface_and_are_spread_by_area() -> None:
    mesh = textured_box(3)
    points = ScenePoints.of(mesh, "y", 4000)
    world = points.positions * mesh.radius + mesh.center
    half = torch.tensor([1.0, 0.7, 0.5])
    on_face = (world.abs() - half).abs() < 1e-5
    assert on_face.any(1).all()
    assert (world.abs() <= half + 1e-5).all()
    sides = torch.tensor([4 * 0.7 * 0.5, 4 * 1.0 * 0.5, 4 * 1.0 * 0.7]) * 2
    torch.testing.assert_close(on_face.float().mean(0), sides / sides.sum(), atol=0.01, rtol=0)
    assert points.area == pytest.approx(float(sides.sum()) / mesh.radius**2, rel=1e-5)


def test_slices_show_where_things_are_and_in_which_colour() -> None:
    """A red box at world +x, low, and a blue one at -x and -z, high."""
    box = textured_box(1)
    places, paints = torch.tensor([[0.8, -0.8, 0.0], [-0.8, 0.8, -0.8]]), torch.eye(3)[[0, 2]]
    vertices = torch.cat([0.1 * box.vertices + place for place in places])
    colors = torch.cat([paint.expand(box.num_vertices, 3) for paint in paints])
    points = ScenePoints.of(Mesh(vertices, torch.cat([box.faces, box.faces + box.num_vertices]), colors), "y", 500)
    slices = points.slices(16, 2)
    assert slices.shape == (8, 16, 16)
    for of_slice, channel, place in zip(slices.split(4), (1, 3), (places - points.center) / points.radius, strict=True):
        covered = of_slice[0] > 0
        torch.testing.assert_close(covered.nonzero().float().mean(0) / 16, (place[[2, 0]] + 1) / 2, atol=0.07, rtol=0)
        assert (of_slice[channel][covered] == 0.5).all()
        assert (of_slice[4 - channel][covered] == -0.5).all()
        assert (of_slice[:, ~covered] == 0).all()


@pytest.mark.parametrize("symmetry", SYMMETRIES)
@pytest.mark.parametrize("up", ["y", "z"])
def test_a_changed_camera_sees_the_changed_scene_as_before(symmetry: Symmetry, up: str) -> None:
    mesh = textured_box(2)
    points = ScenePoints.of(mesh, "z" if up == "z" else "y", 300)
    orbit = starts(3, up, at=torch.tensor([0.3, -0.2, 0.1]))
    moved = symmetry.camera(orbit, points)

    def seen(view: Orbit, scene: ScenePoints) -> Tensor:
        world = scene.positions @ view.frame.T * scene.radius + scene.center
        return world @ view.camera().R + view.camera().T[:, None]

    before, after = seen(orbit, points), seen(moved, points.shown(symmetry))
    side = torch.tensor([-1.0 if symmetry.mirrored else 1.0, 1.0, 1.0])  # a mirror swaps left and right
    torch.testing.assert_close(after, before * side, atol=1e-4, rtol=0)
    back = symmetry.inverse.camera(moved, points)
    torch.testing.assert_close(back.at, orbit.at, atol=1e-5, rtol=0)
    torch.testing.assert_close((back.azimuth - orbit.azimuth + 180) % 360, torch.full((3,), 180.0), atol=1e-3, rtol=0)
