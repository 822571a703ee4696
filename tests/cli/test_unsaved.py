"""What a run leaves behind where a picture fails, the disk is full, or a file's name is no text."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.runs import FAST, params_of
from tvdrnet_nv.cli import run
from tvdrnet_nv.jobs import OptimizeJob
from tvdrnet_nv.report import optimization, view_set


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_plot_that_fails_costs_one_line(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optimization, "write_loss_plot", _full)
    assert run(["optimize", str(box), *FAST, "--out", "out"]) == 0
    said = capsys.readouterr()
    assert "Best camera" in said.out
    lost = "note: the result is saved, but not all pictures: loss.png (no space left on device)"
    assert lost in " ".join(said.err.split())
    assert not (here / "out" / "loss.png").exists()
    assert params_of(here / "out")["iterations"] == 4


def test_a_sheet_that_fails_costs_one_line(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_set, "_sheet", _full)
    assert run(["optimize", str(box), *FAST, "--focus", "everything", "--views", "2", "--out", "out"]) == 0
    assert "views.png (no space left on device)" in " ".join(capsys.readouterr().err.split())
    assert sorted(file.name for file in (here / "out").iterdir()) == [
        "report.html",
        "view_1.png",
        "view_2.png",
        "views.json",
    ]


@pytest.mark.parametrize(("views", "name"), [(1, "loss.png"), (2, "views.png")])
def test_an_outcome_names_the_pictures_that_are_missing(
    box: Path, here: Path, monkeypatch: pytest.MonkeyPatch, views: int, name: str
) -> None:
    monkeypatch.setattr(optimization, "write_loss_plot", _full)
    monkeypatch.setattr(view_set, "_sheet", _full)
    job = OptimizeJob(scene=box, focus="everything", views=views, iterations=2, image_size=32, out=here / "out")
    outcome = job.run()
    assert outcome.missing == [f"the result is saved, but not all pictures: {name} (no space left on device)"]
    assert outcome.missing[0] in outcome.notes
    assert name not in [file.name for file in outcome.files]


@pytest.mark.parametrize("views", [[], ["--focus", "everything", "--views", "2"]])
def test_a_full_disk_still_shows_what_was_found(
    views: list[str], box: Path, here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "write_text", _full)
    assert run(["optimize", str(box), *FAST, *views, "--out", "out"]) == 2
    said = capsys.readouterr()
    assert ("2 views together" if views else "Best camera") in said.out
    assert "error: output folder" in said.err
    assert "no space left on device" in said.err
    assert not (here / "out").exists()


def test_a_name_that_is_no_text_survives_a_plain_terminal(box: Path, tmp_path: Path) -> None:
    scene = os.path.join(os.fsencode(tmp_path), b"f\xfcr $1_{x$.ply")
    shutil.copy(box, scene)
    # Not LC_ALL: Python's own coercion of LANG=C is part of what is tried.
    environment = {**os.environ, "LANG": "C", "PYTHONIOENCODING": "ascii"}
    command = [
        sys.executable,
        "-c",
        "from tvdrnet_nv.cli import main; main()",
        "optimize",
        scene,
        *FAST,
        "--out",
        str(tmp_path / "out"),
    ]
    done = subprocess.run([*command, "--json"], env=environment, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert os.fsencode(printed["scene"]) == scene
    assert params_of(tmp_path / "out")["scene"] == printed["scene"]
    assert len(printed["files"]) == 7
    done = subprocess.run(command, env=environment, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert b"Best camera" in done.stdout
