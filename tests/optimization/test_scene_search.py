"""Searches all over a scene, by an objective that knows nothing of its parts."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tvdrnet_nv import Mesh, Orbit, PhongLight, Renderer, scene_orbit
from tvdrnet_nv.optimization import distinct_views, search_scene
from tvdrnet_nv.renderer import Render

PAINT = PhongLight(location=(0.0, 0.0, 0.0), ambient=1.0, diffuse=0.0, specular=0.0)
MOVING = ("distance", "elevation", "azimuth", "at")


class Redness:
    """How little red and how much green a picture has; the floor is grey, and two patches of it are red."""

    def __init__(self) -> None:
        self.quickly = 0

    def __call__(self, render: Render) -> Tensor:
        rgb = render.rgb
        return 1 - (rgb[..., 0] - rgb[..., 1]).mean((1, 2))

    def quick(self, render: Render) -> Tensor:
        self.quickly += len(render.camera)
        return self(render)


@pytest.fixture(scope="module")
def floor() -> Mesh:
    """10 by 10, z up, red about (-3, -3) and (3, 2)."""
    side = torch.linspace(-5, 5, 41)
    y, x = torch.meshgrid(side, side, indexing="ij")
    vertices = torch.stack([x, y, 0.01 * torch.sin(x)], -1).reshape(-1, 3)
    corner = (torch.arange(40)[:, None] * 41 + torch.arange(40)).reshape(-1)
    right, above = corner + 1, corner + 41
    faces = torch.cat([torch.stack([corner, right, above], 1), torch.stack([right, above + 1, above], 1)])
    places = torch.tensor([[-3.0, -3.0], [3.0, 2.0]])
    near = torch.exp(-torch.cdist(vertices[:, :2], places).square()).amax(1, keepdim=True)
    grey, red = torch.full((1, 3), 0.5), torch.tensor([[1.0, 0.0, 0.0]])
    return Mesh(vertices, faces.int(), torch.lerp(grey, red, near))


def looks_at(orbit: Orbit) -> Tensor:
    """[K, 2]: where the middles of the views meet the floor."""
    camera = orbit.camera()
    eye, axis = camera.position, camera.R[:, :, 2]
    return (eye - eye[:, 2:] / axis[:, 2:] * axis)[:, :2]


def test_it_finds_what_is_red_wherever_it_is(floor: Mesh) -> None:
    renderer, objective = Renderer(floor, 32, light=PAINT), Redness()
    found = search_scene(renderer, objective, scene_orbit(floor, up="z"), 4)
    assert objective.quickly == 409
    assert len(found) == 4
    with torch.no_grad():
        losses = objective(renderer(found.camera()))
    assert bool((losses.diff() >= 0).all())
    away = torch.cdist(looks_at(found), torch.tensor([[-3.0, -3.0], [3.0, 2.0]])).amin(1)
    assert float(away[0]) < 1.5
    again = search_scene(renderer, objective, scene_orbit(floor, up="z"), 4)
    torch.testing.assert_close(again.at, found.at)
    other = search_scene(renderer, objective, scene_orbit(floor, up="z"), 4, seed=1)
    assert float((other.distance - found.distance).abs().max()) > 1e-3


def test_views_that_differ_are_better_than_where_they_began(floor: Mesh) -> None:
    renderer, objective = Renderer(floor, 32, light=PAINT), Redness()
    start = scene_orbit(floor, up="z")
    with torch.no_grad():
        begun = objective(renderer(search_scene(renderer, objective, start, 3).camera()))
    found = distinct_views(renderer, objective, start, 3, parameters=MOVING, iterations=20, learning_rate=2.0)
    assert len(found.orbit) == 3
    assert found.iterations == 20
    assert float(found.losses[0]) < float(begun[0])
    assert bool((found.losses.diff() >= 0).all())
    camera = found.orbit.camera()
    for i in range(3):
        for j in range(i):
            turned = float(camera.R[i, :, 2] @ camera.R[j, :, 2]) < 0.94
            assert turned or float((camera.position[i] - camera.position[j]).norm()) > 0.5 * float(
                found.orbit.distance[j]
            )


def test_more_than_one_start_is_refused(floor: Mesh) -> None:
    start = Orbit.create(3.0, 20.0, [0.0, 10.0], 60.0, up="z")
    with pytest.raises(ValueError, match="start must be one camera, got 2"):
        search_scene(Renderer(floor, 8), Redness(), start, 1)
