"""`load_mesh`: what it says of names that it does not know."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_camera, load_mesh
from tvdrnet_nv.io.cameras import read_cameras


@pytest.mark.parametrize("name", ["scene.3mf", "scene", "scene.ply.gz"])
def test_unknown_suffix(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("solid")
    with pytest.raises(InputError, match=r"not supported.*\.ply, \.obj, \.glb, \.gltf"):
        load_mesh(tmp_path / name)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.ply")
    with pytest.raises(InputError, match=r"a\.ply: is a pipe or a device, not a file"):
        load_mesh(tmp_path / "a.ply")
    os.mkfifo(tmp_path / "a.json")
    for read in (load_camera, read_cameras):
        with pytest.raises(InputError, match=r"a\.json: is a pipe or a device|a\.json: is no camera file"):
            read(tmp_path / "a.json")
