"""A scene, and a session with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rooms import write_room
from tvdrnet_nv.jobs import OptimizeJob
from tvdrnet_nv.jobs.events import Reporter
from tvdrnet_nv.scenes import make_room
from tvdrnet_nv.viewer import ViewJob
from tvdrnet_nv.viewer.session import Session


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small room and, beside it, its labels."""
    return write_room(make_room(6000), tmp_path_factory.mktemp("room") / "room.ply")


@pytest.fixture(scope="session")
def session(room: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """The room, with small pictures; its folder is never made."""
    out = tmp_path_factory.mktemp("unused") / "out"
    yield Session(ViewJob(scene=room, image_size=48, elevation=60, out=out), Reporter(None))
    assert not out.exists()


@pytest.fixture(scope="session")
def one_run(room: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run for one view."""
    out = tmp_path_factory.mktemp("runs") / "one"
    OptimizeJob(scene=room, focus="label=sofa", iterations=4, image_size=48, search=False, out=out).run()
    return out
