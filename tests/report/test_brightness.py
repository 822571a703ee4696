"""A view that is drawn as white, though the scene is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from tvdrnet_nv import Orbit, PhongLight, Renderer
from tvdrnet_nv.report import brightness_note
from tvdrnet_nv.scenes import sphere
from tvdrnet_nv.shading import UNLIT

VIEW = Orbit.create(4.0, 0.0, 0.0)
HEAD = PhongLight(head=True)


def note(color: float, light: PhongLight) -> str | None:
    mesh = sphere(3)
    mesh = replace(mesh, colors=torch.full_like(mesh.vertices, color))
    return brightness_note(Renderer(mesh, 64, light=light), VIEW.camera())


def test_a_white_scene_is_too_bright_and_the_note_says_what_to_do() -> None:
    said = note(1.0, HEAD)
    assert said is not None
    assert said.endswith(
        "of what is seen is brighter than 1 and drawn as white: `light_exposure` auto gives the light an exposure "
        "of 0.62, `lighting` none draws the colours as they are"
    )
    assert 30 < int(said.split("%")[0]) < 95


@pytest.mark.parametrize(("color", "light"), [(0.5, HEAD), (1.0, UNLIT), (1.0, HEAD.dimmed(1.0)), (0.6, HEAD)])
def test_what_is_not_white_needs_no_note(color: float, light: PhongLight) -> None:
    assert note(color, light) is None
