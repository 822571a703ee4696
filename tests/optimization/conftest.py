"""A scene for several files of tests."""

from __future__ import annotations

import pytest

from tvdrnet_nv import Mesh
from tvdrnet_nv.scenes import room


@pytest.fixture(scope="module")
def small_room() -> Mesh:
    return room(5000, seed=1)
