"""`tvdr-nv scene`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvdrnet_nv.cli import run
from tvdrnet_nv.io import load_mesh


def test_scene_writes_a_room(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scene", "room.ply", "--triangles", "5000", "--seed", "3"]) == 0
    assert "5,000 triangles" in capsys.readouterr().out
    assert load_mesh(here / "room.ply").num_faces == 5000


def test_a_seed_beyond_all_floats_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["scene", "room.ply", "--seed", "9" * 400]) == 2
    assert "wanted 0 to 2^63 - 1" in capsys.readouterr().err
    assert list(here.iterdir()) == []
