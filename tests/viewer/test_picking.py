"""What a click hits."""

from __future__ import annotations

import numpy as np
import pytest

from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import sphere
from tvdrnet_nv.viewer.picking import pick
from tvdrnet_nv.viewer.session import Session


def test_a_ray_hits_the_first_surface() -> None:
    renderer = Renderer(sphere(4), 8)
    direction = np.array([-1.0, -2.0, -0.5])
    hit = pick(renderer, -3 * direction, 7 * direction)
    assert hit is not None
    radius = float(renderer.mesh.vertices.norm(dim=1).max())
    np.testing.assert_allclose(hit.point, -radius * direction / np.linalg.norm(direction), atol=0.02 * radius)
    corners = renderer.mesh.vertices[renderer.mesh.faces[hit.face].long()].numpy()
    normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
    assert abs(float((hit.point - corners[0]) @ normal)) < 1e-5 * np.linalg.norm(normal) * radius


@pytest.mark.parametrize("direction", [(1.0, 2.0, 0.5), (0.0, 0.0, 0.0), (np.nan, 0.0, 1.0)])
def test_a_ray_that_looks_away_or_nowhere_hits_nothing(direction: tuple[float, ...]) -> None:
    assert pick(Renderer(sphere(2), 8), (3.0, 6.0, 1.5), direction) is None


def test_a_click_on_an_object_finds_it(session: Session) -> None:
    assert session.things is not None
    sofa = next(item for item in session.things.items if item.name == "sofa")
    center = session.mesh.vertices[sofa.vertices].mean(0).double().numpy()
    hit = session.pick(center + 3 * session.up, -session.up)
    assert hit is not None
    thing = session.thing_at(hit)
    assert thing is not None
    assert thing.title == sofa.title
