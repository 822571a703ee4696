"""Whether a target's camera was found: the exit code, the JSON, and the files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tests.cli.runs import params_of
from tests.jobs.test_target import save
from tvdrnet_nv.cli import run
from tvdrnet_nv.report.optimization import BLINK_FILE, FILES, PAGE_FILE


def test_a_picture_of_nothing_in_the_scene_is_not_found(
    box: Path, here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    save(here / "noise.png", np.random.default_rng(0).integers(0, 256, (18, 24, 3), dtype=np.uint8))
    start = ["--azimuth", "30", "--effort", "quick", "--iters", "2"]
    command = ["optimize", str(box), "--target", "noise.png", *start]
    assert run([*command, "--json", "--out", "a"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert {**params_of(here / "a"), "files": said["files"]} == said
    assert said["status"] == "poor-fit"
    assert said["quality"] == said["fit"]["quality"] < 0.2
    assert said["reason"]
    assert len(said["attempts"]) == 2
    assert said["seconds"] >= sum(attempt["seconds"] for attempt in said["attempts"]) - 0.01
    assert {Path(file).name for file in said["files"]} == {*FILES, BLINK_FILE, PAGE_FILE}
    assert all(Path(file).is_file() for file in said["files"])
    assert run([*command, "--out", "b"]) == 3
    summary = capsys.readouterr().out
    assert "poor-fit: " in summary
    assert re.search(r"[\d.]+ s for all attempts\n", re.sub(r" +\n", "\n", summary))


def test_a_picture_of_the_scene_is_found(box: Path, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    view = ["--elevation", "35", "--azimuth", "200", "--image-size", "48", "--quiet"]
    assert run(["render", str(box), *view, "--out", "t"]) == 0
    near = ["--elevation", "37", "--azimuth", "196", "--json", "--out", "a"]
    assert run(["optimize", str(box), "--target", "t/single_view.png", *near]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["status"] == "converged"
    assert said["quality"] > 0.9
    assert said["fit"]["determination"] > 0.99
    assert said["azimuth"] == pytest.approx(200, abs=0.2)


def test_views_that_show_nothing_are_not_found(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two triangles so small beside a third, which is thin, that no view shows a pixel of anything."""
    lines = [f"v {x} {y} {z}" for x, y, z in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (1e6, 1e6, 1e6), (1e6, 1e6, 1e6 + 1e-3))]
    (here / "far.obj").write_text("\n".join([*lines, "f 1 2 3", "f 1 4 5"]))
    assert run(["optimize", "far.obj", "--views", "2", "--image-size", "32", "--out", "a"]) == 3
    said = capsys.readouterr()
    assert "no view shows anything of everything" in " ".join(said.err.split())
    found = json.loads((here / "a" / "views.json").read_text())
    assert all(0 <= view["visible_share"] <= 1 for view in found["views"])
