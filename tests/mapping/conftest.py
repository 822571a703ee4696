"""What several mappings are asked about."""

from __future__ import annotations

import pytest

from tvdrnet_nv.benchmarks.scenes import textured_box
from tvdrnet_nv.mapping import ScenePoints


@pytest.fixture(scope="module")
def points() -> ScenePoints:
    return ScenePoints.of(textured_box(4), "y", 2048)
