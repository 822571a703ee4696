"""The benchmark of sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.datasets.folders import scannet
from tvdrnet_nv.benchmarks import named_scenes
from tvdrnet_nv.benchmarks.report.text import text_sheet
from tvdrnet_nv.benchmarks.text import run as bench
from tvdrnet_nv.benchmarks.text.sentences import HERE, read_sentences, sentences_about
from tvdrnet_nv.cli import run
from tvdrnet_nv.errors import InputError


def test_rows_add_up_and_the_baselines_are_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_scenes, "TRIANGLES", 8000)
    monkeypatch.setattr(bench, "SIZE", (32, 32))
    monkeypatch.setattr(bench, "QUICK", 4)
    rows = list(
        bench.text_rows(torch.device("cpu"), scene=None, sentences=None, quick=True, progress=lambda text: None)
    )
    ours, name, chance, uniform, rule = rows
    assert [row["sentences"] for row in rows] == [4] * 5
    assert ours["accuracy"] == ours["right"] / 4 >= 0.75
    assert chance["accuracy"] < name["accuracy"] <= ours["accuracy"]
    assert uniform["shown"] <= ours["shown"]
    assert rule["visible"] <= 1
    sheet = text_sheet(rows)
    assert len(sheet.rows) == 5
    assert sheet.missed == (set() if ours["passed"] else {0})


def test_a_list_or_a_referral_file(tmp_path: Path) -> None:
    assert len(sentences_about(HERE / "room_sentences.txt", "room")) == 60
    entry = {"scene_id": "scene0042_01", "object_id": "2", "object_name": "chair", "description": "the chair"}
    file = tmp_path / "refer.json"
    file.write_text(json.dumps([entry, entry | {"scene_id": "scene0001_00"}]))
    found = sentences_about(file, "scene0042_01")
    assert [(item.kind, item.text, item.answers) for item in found] == [("scanrefer", "the chair", ("2",))]
    with pytest.raises(InputError, match="no sentence about an object of scene0002_00"):
        sentences_about(file, "scene0002_00")
    (tmp_path / "bad.txt").write_text("name | the sofa | sofa_0\nname | the sofa\n")
    with pytest.raises(InputError, match=r"'name \| the sofa' is no sentence"):
        read_sentences(tmp_path / "bad.txt")


def test_the_command_runs_a_data_sets_scene(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = scannet(tmp_path / "scene0042_01")
    (tmp_path / "list.txt").write_text("name | the floor | 2\n")
    command = ["bench", "text", "--scene", str(folder), "--sentences", str(tmp_path / "list.txt"), "--quick", "--quiet"]
    assert run([*command, "--out", str(tmp_path / "out")]) in (0, 1)
    row = json.loads((tmp_path / "out" / "results.json").read_text())["sections"]["text"][0]
    assert (row["scene"], row["sentences"], row["right"]) == ("scene0042_01", 1, 1)
    assert run(["bench", "text", "--sentences", "list.txt"]) == 2
    assert "needs the part text and --scene" in capsys.readouterr().err


def test_answers_that_the_scene_does_not_have_are_refused_by_their_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = scannet(tmp_path / "scene0042_01")
    file, out = tmp_path / "list.txt", ["--out", str(tmp_path / "out")]
    file.write_text("name | the floor | 2\nname | the sofa | 4 999\n")
    assert run(["bench", "text", "--scene", str(folder), "--sentences", str(file), *out]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "'name | the sofa | 4 999': scene0042_01 has no object 999" in said
    entry = {"scene_id": "scene0042_01", "object_id": "999", "object_name": "bed", "description": "the bed"}
    file.write_text(json.dumps([entry]))
    assert run(["bench", "text", "--scene", str(folder), "--sentences", str(file), *out]) == 2
    assert "the bed | 999': scene0042_01 has no object 999" in " ".join(capsys.readouterr().err.split())
