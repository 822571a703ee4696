"""A scene, and a picture of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvdrnet_nv.io import Labels, labels_beside, save_labels, save_ply
from tvdrnet_nv.jobs import RenderJob
from tvdrnet_nv.scenes import make_room


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small room and, beside it, its labels."""
    path = tmp_path_factory.mktemp("room") / "room.ply"
    made = make_room(6000)
    save_ply(made.mesh, path)
    names = dict(enumerate(made.names, start=1))
    save_labels(made.mesh, Labels(made.labels.numpy().astype("int64") + 1, names), labels_beside(path))
    return path


@pytest.fixture(scope="session")
def target(room: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of the room."""
    out = tmp_path_factory.mktemp("target")
    return RenderJob(scene=room, elevation=50, azimuth=60, image_size=32, out=out).run().files[0]
