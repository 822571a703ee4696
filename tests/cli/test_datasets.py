"""Commands on scenes of data sets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.datasets.folders import scannet
from tvdrnet_nv.cli import run

FAST = ["--iters", "2", "--image-size", "32", "--quiet"]


def test_info_tells_objects_segments_labels_and_alignment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = scannet(tmp_path / "scene0042_01", align=True)
    assert run(["info", str(folder), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["dataset"]
    assert [item["name"] for item in facts["objects"]] == ["office chair", "office chair", "floor"]
    assert facts["segments"] == 4
    assert facts["label_scheme"].startswith("ScanNet's raw ids")
    assert facts["alignment"][0][3] == 5
    assert run(["info", f"scannet:{folder}"]) == 0
    said = capsys.readouterr().out
    assert "office chair  0, 4" in said
    assert "3, of 2 names" in said
    (folder / "scene0042_01.aggregation.json").unlink()
    assert run(["info", str(folder)]) == 0
    assert "test scenes have none" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("focus", ["object=office chair", "object=4", "label=office chair", "label=floor"])
def test_a_focus_on_objects_and_labels_of_a_folder(tmp_path: Path, focus: str) -> None:
    folder = scannet(tmp_path / "scene0042_01")
    out = tmp_path / "o"
    assert run(["optimize", f"scannet:{folder}", "--focus", focus, *FAST, "--out", str(out)]) in (0, 3)
    params = json.loads((out / "optimized_params.json").read_text())
    assert params["focus"] == focus
    assert params["scene"] == str(folder / "scene0042_01_vh_clean_2.ply")


@pytest.mark.parametrize(
    ("scene", "options", "message"),
    [
        ("{0}", ["--focus", "object=sofa"], "there are floor, office chair ×2"),
        ("{0}", ["--focus", "object="], "wanted object=NAME or object=NUMBER"),
        ("{0}", ["--focus", "object=4", "--labels", "x.ply"], "works only with --focus label"),
        ("{1}/box.ply", ["--focus", "object=4"], "is no scene of a data set"),
        ("scannet:{1}/scene0001_00", [], "no files of that name"),
    ],
)
def test_wrong_input_is_one_line(
    tmp_path: Path, box: Path, capsys: pytest.CaptureFixture[str], scene: str, options: list[str], message: str
) -> None:
    folder = scannet(tmp_path / "scene0042_01")
    (tmp_path / "box.ply").write_bytes(box.read_bytes())
    assert run(["optimize", scene.format(folder, tmp_path), *options, *FAST, "--out", str(tmp_path / "o")]) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "o").exists()
