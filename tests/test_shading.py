"""The light's exposure: at which nothing is drawn above 1, and what it multiplies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from tvdrnet_nv import Mesh, Orbit, PhongLight, Renderer
from tvdrnet_nv.mesh import Textures
from tvdrnet_nv.ops import backends
from tvdrnet_nv.scenes import sphere, textured_box
from tvdrnet_nv.shading import UNLIT

AROUND = Orbit.create(4.0, [-60.0, 0.0, 40.0], [10.0, 130.0, 250.0])
LIGHTS = [PhongLight(), PhongLight(head=True), PhongLight(ambient=0.2, diffuse=3.0, specular=1.5, shininess=4.0)]


def ball(color: float) -> Mesh:
    mesh = sphere(3)
    return replace(mesh, colors=torch.full_like(mesh.vertices, color))


def drawn(mesh: Mesh, light: PhongLight) -> torch.Tensor:
    return Renderer(mesh, 33, light=light, background=(0.0, 0.0, 0.0))(AROUND.camera()).rgb


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("color", [1.0, 0.8, 0.5, 0.0])
def test_nothing_is_drawn_above_one_in_a_dimmed_light(light: PhongLight, color: float) -> None:
    mesh = ball(color)
    brightest = float(drawn(mesh, light.dimmed(mesh.brightest)).max())
    assert brightest <= 1
    if color == 1.0 and light.head:  # the lamp shows the brightest place
        assert brightest > 0.98
        with backends.using("reference"):
            assert 0.98 < float(drawn(mesh, light.dimmed(mesh.brightest)).max()) <= 1


def test_a_light_in_which_nothing_is_above_one_stays() -> None:
    assert PhongLight().dimmed(0.53) == PhongLight()
    assert PhongLight().dimmed(1.0).exposure == pytest.approx(1 / 1.6, rel=1e-5)
    assert UNLIT.dimmed(1.0) == UNLIT


def test_the_exposure_multiplies_what_is_drawn() -> None:
    mesh = ball(0.7)
    torch.testing.assert_close(drawn(mesh, PhongLight(exposure=0.5)), 0.5 * drawn(mesh, PhongLight()))


@pytest.mark.parametrize("value", [None, "a", (1.0, 2.0), ("a", "b", "c")])
@pytest.mark.parametrize("name", ["location", "ambient", "exposure"])
def test_a_lights_number_that_is_none_is_named(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} must be .*finite number.*; got "):
        PhongLight(**{name: value})


@pytest.mark.parametrize("exposure", [0.0, -1.0, float("nan"), float("inf")])
def test_an_exposure_that_is_none_is_refused(exposure: float) -> None:
    with pytest.raises(ValueError, match="exposure must be a finite number above 0"):
        PhongLight(exposure=exposure)


def test_the_brightest_colour_is_that_of_what_faces_show() -> None:
    mesh = ball(0.5)
    assert mesh.brightest == 0.5
    picture = torch.full((2, 2, 3), 0.25)
    picture[0, 0, 1] = 0.75
    uv, of_picture = torch.zeros(mesh.num_vertices, 2), torch.zeros(mesh.num_faces, dtype=torch.int32)
    textured = replace(mesh, textures=Textures(uv, (picture,), of_picture))
    assert textured.brightest == 0.75
    assert textured.textures is not None
    partly = replace(
        textured, textures=replace(textured.textures, face_image=of_picture.index_fill(0, torch.tensor([0]), -1))
    )
    assert partly.brightest == 0.75
    tinted = replace(textured, textures=Textures(uv, (picture,), of_picture, torch.full_like(mesh.vertices, 0.5)))
    assert tinted.brightest == 0.375
    box = textured_box(3)
    assert float(drawn(box, PhongLight().dimmed(box.brightest)).max()) <= 1
