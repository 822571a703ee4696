"""What is reported."""

from __future__ import annotations

import pytest

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.objectives import view_heuristic
from tvdrnet_nv.optimization import Result, optimize
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.scenes import textured_box


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(textured_box(4), (24, 32))


@pytest.fixture(scope="module")
def result(renderer: Renderer) -> Result:
    start = Orbit.create([4.0, 5.0], 30.0, [45.0, 80.0], at=(0.1, 0.0, -0.1), up="z")
    return optimize(renderer, start, view_heuristic, iterations=30)
