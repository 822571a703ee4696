"""`tvdr-nv info`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.runs import noted_room
from tvdrnet_nv.cli import run


def test_info(box: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["info", str(box)]) == 0
    said = capsys.readouterr()
    assert "192  (0 of zero area)" in said.out
    assert said.err == ""
    assert run(["info", "--mesh", str(box), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["faces"] == 192
    assert facts["center"] == pytest.approx([5.0, -3.0, 2.0], abs=1e-6)
    assert facts["start_distance"] == pytest.approx(2 * facts["radius"], abs=1e-4)


_NOTES = [
    "its normals are not used: they are computed from the faces",
    "properties of its vertices that are not read: confidence",
]


def test_notes_are_told_in_full_by_info_and_in_a_line_by_the_others(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noted_room(here / "room.ply")
    assert run(["info", "room.ply", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["notes"] == _NOTES
    assert facts["min"] == pytest.approx([458_000.0, 5_428_000.0, 100.0], abs=1e-3)
    assert any(facts["origin"])
    assert facts["textures"] == []
    assert not facts["closed"]
    assert run(["info", "room.ply"]) == 0
    told = capsys.readouterr().out
    for text in (*_NOTES, "458000.000", "metres, a guess", "open: ", "z +"):
        assert text in " ".join(told.split())
    for command in (["render"], ["optimize", "--iters", "2"]):
        assert run([*command, "room.ply", "--image-size", "24", "--out", "out", "--azimuth", "20"]) == 0
        said = " ".join(capsys.readouterr().err.split())
        assert f"note: room.ply: {_NOTES[0]}; {_NOTES[1]}" in said


@pytest.mark.parametrize("scale", [1e-9, 1e-5, 0.02, 3e4])
def test_the_numbers_of_a_scene_of_any_size(here: Path, capsys: pytest.CaptureFixture[str], scale: float) -> None:
    (here / "a.obj").write_text(f"v 0 0 0\nv {scale:.9f} 0 0\nv 0 {scale:.9f} 0\nf 1 2 3\n")
    assert run(["info", "a.obj", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["start_distance"] == pytest.approx(2 * facts["radius"], rel=1e-4)
    assert run(["info", "a.obj"]) == 0
    told = next(line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("size"))
    assert [float(word) for word in told.split()[1:]] == pytest.approx([scale, scale, 0], rel=1e-2)
