"""`tvdr-nv evaluate` as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.jobs.evaluations import SCENES, make, make_instances, mask_file, object_mask
from tvdrnet_nv.cli import run
from tvdrnet_nv.evaluation import write_mask


def test_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path)
    write_mask(mask_file(tmp_path, SCENES[0], 2), object_mask(4))
    out = tmp_path / "out"
    command = ["evaluate", str(tmp_path / "scanrefer.json"), "--predictions", str(tmp_path / "masks")]
    command += ["--scenes", str(tmp_path / "scans"), "--out", str(out), "--gallery", "1"]
    assert run(command) == 0
    said = capsys.readouterr()
    rows = [line.split() for line in said.out.splitlines()]
    assert ["all", "multiple", "unique"] in rows
    assert ["mIoU", "83.3", "100.0", "50.0"] in rows
    assert sorted(file.name for file in out.iterdir()) == [
        "failures.html", "queries.csv", "results.json", "scores.jsonl",
    ]  # fmt: skip
    page = (out / "failures.html").read_text("utf-8")
    assert page.count("<figure>") == 1
    assert "scene0042_01-2-0" in page
    assert run([*command, "--json", "--quiet"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["figures"] == json.loads((out / "results.json").read_text())["figures"]
    assert told["files"][0] == str(out / "results.json")


def test_instances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    make_instances(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert run(["evaluate", "truth", "--predictions", "found"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[:2] == [["AP", "AP50", "AP25"], ["all", "50.0", "50.0", "50.0"]]
    assert ["chair", "100.0", "100.0", "100.0"] in rows
    assert ["bed", "–", "–", "–"] in rows
    assert (tmp_path / "tvdr-nv-evaluate-found" / "classes.csv").is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "no predictions given; name a folder or a file as --predictions"),
        (["--predictions", "masks"], "are needed; give their folder as --scenes"),
        (["--predictions", "masks", "--scenes", "truth"], "truth: has no scene scene0042_01; give"),
        (["--predictions", "found", "--scenes", "scans"], "has a prediction for scene0042_01, which is no query"),
        (["--predictions", "few", "--scenes", "scans"], "5 of 6 queries have no prediction"),
        (["--predictions", "nan", "--scenes", "scans", "--missing", "skip"], "the score of vertex 0 is nan"),
        (
            ["--predictions", "short", "--scenes", "scans", "--missing", "skip"],
            "has 3 vertices, but the scene's mesh has",
        ),
    ],
)
def test_wrong_input_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    make(tmp_path)
    make_instances(tmp_path)
    size = object_mask(0).size
    for name, values in (("few", object_mask(0)), ("nan", np.full(size, np.nan)), ("short", np.ones(3))):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / f"{SCENES[0]}-0-0.npy", values)
    monkeypatch.chdir(tmp_path)
    assert run(["evaluate", "scanrefer.json", *options, "--out", "o", "--quiet"]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("error: ")
    assert message in " ".join(said.err.split())
    assert len(said.err.splitlines()) == 1
    assert not (tmp_path / "o" / "results.json").exists()
