"""Which lights a scene is compared in, and that a picture in the light of a lamp at the camera is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.choices import Effort
from tvdrnet_nv.finding import find_camera
from tvdrnet_nv.finding.lights import in_words, lamp_of, lights_of
from tvdrnet_nv.objectives import MatchImage
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import room
from tvdrnet_nv.shading import UNLIT, PhongLight
from tvdrnet_nv.starts import scene_orbit

POINT = PhongLight(location=(1.0, 2.0, 3.0), exposure=0.8)


@pytest.fixture(scope="module")
def coloured() -> Renderer:
    return Renderer(room(20_000), (72, 96), light=POINT)


@pytest.fixture(scope="module")
def grey(coloured: Renderer) -> Renderer:
    mesh = replace(coloured.mesh, colors=torch.full_like(coloured.mesh.colors, 0.5))
    return Renderer(mesh, coloured.resolution, light=POINT)


def test_colours_have_no_lamp_but_what_they_found_has(coloured: Renderer) -> None:
    lights = lights_of(coloured, None)
    assert lights.compared == (POINT, UNLIT)
    assert lights.searched == (UNLIT, POINT)
    assert lights.around == (UNLIT,)
    assert lights.lamp == replace(POINT, head=True)
    assert lights.all == (POINT, UNLIT, replace(POINT, head=True))


def test_one_colour_is_seen_by_shading_alone(grey: Renderer) -> None:
    lights = lights_of(grey, None)
    assert lights.compared == lights.searched == lights.around == (POINT, replace(POINT, head=True))
    assert lights.lamp is None


def test_lights_that_are_given_are_all(coloured: Renderer) -> None:
    lights = lights_of(coloured, [POINT])
    assert lights.compared == lights.searched == lights.all == (POINT,)
    coloured = coloured.at_resolution(coloured.resolution)
    coloured.light = replace(POINT, head=True)
    assert lights_of(coloured, None).lamp is None


def test_a_lamp_lights_the_default_material_where_there_was_no_light() -> None:
    lamp = lamp_of(replace(UNLIT, location=(1.0, 2.0, 3.0)))
    assert lamp == PhongLight(location=(1.0, 2.0, 3.0), head=True)
    assert [in_words(light) for light in (UNLIT, POINT, lamp)] == [
        "unlit",
        "in the point light",
        "by a lamp at the camera",
    ]


@pytest.mark.parametrize("kind", ["coloured", "grey", "another viewer's"])
def test_a_picture_in_the_light_of_a_lamp_is_found(kind: str, coloured: Renderer, grey: Renderer) -> None:
    """Also in that of another viewer, whose colours are none of the renderer's."""
    renderer = grey if kind == "grey" else coloured
    lamp = replace(POINT, head=True)
    low, high = renderer.mesh.bounds
    middle = 0.5 * (low + high)
    truth = Camera.from_look_at(middle + torch.tensor([1.5, -1.0, 0.3]), middle, (0.1, 0.0, 1.0), 65.0)
    taking = renderer.at_resolution(renderer.resolution)
    taking.light = lamp if kind != "another viewer's" else PhongLight(ambient=0.2, diffuse=0.8, specular=0.0, head=True)
    with torch.no_grad():
        taken = (taking(truth).rgb[0].clamp(0, 1) * 255).round() / 255
    begin = middle + torch.tensor([[1.7, -0.8, 0.5], [0.2, 0.2, -0.1]])
    start = Camera.from_look_at(begin[0], begin[1], (0.0, 0.0, 1.0), 65.0)
    found = find_camera(renderer, MatchImage(taken), start, near_start=True, lens_known=True, effort=Effort.quick)
    assert found.renderer.light == lamp
    assert "by a lamp at the camera" in found.attempts[-1].what
    assert (found.result.quality or 0.0) > 0.9
    assert float((found.result.best.position - truth.position).norm()) < (0.005 if kind != "another viewer's" else 0.02)


@pytest.mark.parametrize("light", [UNLIT, replace(POINT, head=True)])
def test_an_orbit_is_found_from_anywhere_in_its_own_light(light: PhongLight, coloured: Renderer) -> None:
    truth = scene_orbit(coloured.mesh, elevation=40.0, azimuth=200.0)
    taking = coloured.at_resolution(coloured.resolution)
    taking.light = light
    with torch.no_grad():
        taken = (taking(truth.camera()).rgb[0].clamp(0, 1) * 255).round() / 255
    found = find_camera(
        coloured, MatchImage(taken), scene_orbit(coloured.mesh), near_start=False, lens_known=False, effort=Effort.quick
    )
    assert found.renderer.light == light
    assert (found.result.quality or 0.0) > 0.9
    assert float((found.result.best.camera().position - truth.camera().position).norm() / truth.distance) < 0.002


def test_what_is_found_in_one_light_is_compared_in_the_nearer_one(coloured: Renderer) -> None:
    truth, dimmer = scene_orbit(coloured.mesh, elevation=40.0, azimuth=200.0), replace(POINT, exposure=0.76)
    taking = coloured.at_resolution(coloured.resolution)
    taking.light = dimmer
    with torch.no_grad():
        taken = taking(truth.camera()).rgb[0].clamp(0, 1)
    start = scene_orbit(coloured.mesh, elevation=38.0, azimuth=197.0)
    found = find_camera(
        coloured,
        MatchImage(taken),
        start,
        near_start=True,
        lens_known=True,
        lights=[POINT, dimmer],
        effort=Effort.quick,
    )
    assert len(found.attempts) == 1
    assert found.renderer.light == dimmer
    assert found.result.loss < 1e-6
