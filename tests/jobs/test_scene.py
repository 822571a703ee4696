"""A scene that is loaded for a job."""

from __future__ import annotations

from tvdrnet_nv.jobs.scene import notes_line


def test_notes_make_one_line() -> None:
    assert notes_line("a.ply", ["its alpha is not used"]) == "a.ply: its alpha is not used"
    sentences = ["Its picture b.png was not found.", "2 faces are left out.", "KTX2 is not read."]
    assert notes_line("a", sentences) == "a: its picture b.png was not found; 2 faces are left out; KTX2 is not read"
    line = notes_line("a.ply", ["its alpha is not used", *(f"property {k} is not read" for k in range(40))])
    assert line.startswith("a.ply: 41 notes: its alpha is not used; property 0 is not read; ")
    assert line.endswith(" …; `tvdr-nv info` tells all")
    assert len(line) < 200
    assert "\n" not in line
