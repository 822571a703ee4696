"""What several mappings are asked about."""

from __future__ import annotations

import pytest

from tvdrnet_nv.mapping import ScenePoints
from tvdrnet_nv.scenes import textured_box


@pytest.fixture(scope="module")
def points() -> ScenePoints:
    return ScenePoints.of(textured_box(4), "y", 2048)
