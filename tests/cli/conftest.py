"""What several commands are tried on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvdrnet_nv.cli import run
from tvdrnet_nv.io import save_ply
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import textured_box


@pytest.fixture(scope="session")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    mesh = textured_box(4)
    path = tmp_path_factory.mktemp("scene") / "the box's.ply"
    save_ply(Mesh(mesh.vertices + mesh.vertices.new_tensor([5.0, -3.0, 2.0]), mesh.faces, mesh.colors), path)
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small furnished room, and its labels beside it."""
    path = tmp_path_factory.mktemp("room") / "room.ply"
    assert run(["scene", str(path), "--triangles", "6000", "--labels", "--quiet"]) == 0
    return path
