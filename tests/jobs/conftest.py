"""A scene, and a picture of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rooms import write_room
from tvdrnet_nv.jobs import RenderJob
from tvdrnet_nv.scenes import make_room


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small room and, beside it, its labels."""
    return write_room(make_room(6000), tmp_path_factory.mktemp("room") / "room.ply")


@pytest.fixture(scope="session")
def target(room: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of the room."""
    out = tmp_path_factory.mktemp("target")
    return RenderJob(scene=room, elevation=50, azimuth=60, image_size=32, out=out).run().files[0]
