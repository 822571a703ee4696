"""Evaluations of instances and classes of whole scenes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.datasets.folders import BOX, segments
from tests.jobs.evaluations import SCENES, make, make_instances
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation import write_classes
from tvdrnet_nv.jobs import EvaluateJob


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_instances(tmp_path)
    return tmp_path


def job(folder: Path, **fields: Any) -> EvaluateJob:
    given = {"dataset": folder / "truth", "predictions": folder / "found", "out": folder / "out"}
    return EvaluateJob(**(given | fields))


def test_instances_by_hand(folder: Path) -> None:
    outcome = job(folder).run()
    assert (outcome.kind, outcome.total) == ("instances", 2)
    # The chair of each scene is found exactly, no table is. No other class is there.
    assert outcome.figures["chair"] == {"ap": 1, "ap50": 1, "ap25": 1}
    assert outcome.figures["table"] == {"ap": 0, "ap50": 0, "ap25": 0}
    assert outcome.figures["all"] == {"ap": 0.5, "ap50": 0.5, "ap25": 0.5}
    assert np.isnan(outcome.figures["bed"]["ap"])
    results = json.loads((folder / "out" / "results.json").read_text())
    assert results["figures"]["bed"]["ap"] is None
    assert (folder / "out" / "classes.csv").read_text().splitlines()[1].startswith("all,0.5,")
    found = job(folder, classes="all", out=folder / "other").run()
    assert {name: row["ap"] for name, row in found.figures.items()} == {"all": 0.5, "5": 1, "7": 0}


def test_a_second_run_counts_what_has_changed(folder: Path) -> None:
    log = folder / "out" / "scores.jsonl"
    job(folder).run()
    job(folder).run()
    assert len(log.read_text().splitlines()) == 2
    mask = folder / "found" / "predicted_masks" / f"{SCENES[0]}_0.txt"
    np.savetxt(mask, np.arange(300) >= 120, fmt="%d")
    # Both predictions are equally sure, and one is right: from (0, 1) to recall 1/2 at precision 1/2.
    assert job(folder).run().figures["chair"]["ap50"] == pytest.approx(3 / 8)
    assert [json.loads(line)["key"] for line in log.read_text().splitlines()[2:]] == [SCENES[0]]


def test_scenes_without_a_file(folder: Path) -> None:
    (folder / "found" / f"{SCENES[1]}.txt").unlink()
    with pytest.raises(InputError, match=r"1 of 2 scenes have no file, such as scene0043_00.txt"):
        job(folder).run()
    assert not (folder / "out").exists()
    # Two chairs, of which one is found: recall 1/2 at precision 1.
    assert job(folder, missing="zero").run().figures["chair"]["ap"] == 0.5
    assert job(folder, missing="skip").run().figures["chair"]["ap"] == 1
    (folder / "val.txt").write_text(f"{SCENES[0]}\n")
    assert job(folder, split=folder / "val.txt").run().total == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scene0999_00.txt": ""}, "scene0999_00 is no scene of"),
        ({f"{SCENES[0]}.txt": "a.txt 5 nan\n"}, "line 1: the confidence is nan"),
        ({f"{SCENES[0]}.txt": "a.txt 5 0.5\n"}, "a.txt: cannot be read as one number a line .no such file"),
        (
            {f"{SCENES[0]}.txt": "a.txt 5 0.5\n", "a.txt": "1\n"},
            "a.txt: a is no scene of",
        ),
        (
            {f"predicted_masks/{SCENES[0]}_0.txt": "1\n0\n"},
            "has 2 vertices, but the scene's mesh has 300",
        ),
    ],
)
def test_predictions_that_cannot_be_used(folder: Path, change: dict[str, str], message: str) -> None:
    for name, content in change.items():
        (folder / "found" / name).write_text(content)
    with pytest.raises(InputError, match=message):
        job(folder).run()
    assert not (folder / "out" / "results.json").exists()


def test_fields_and_folders_that_cannot_be_used(folder: Path) -> None:
    (folder / "val.txt").write_text("scene0999_00\n")
    with pytest.raises(InputError, match=r"scene0999_00 is no scene of the data set"):
        job(folder, split=folder / "val.txt").run()
    with pytest.raises(InputError, match="`scenes`: works only with a file of sentences"):
        job(folder, scenes=folder)
    with pytest.raises(InputError, match="is no folder; wanted one with"):
        job(folder, predictions=folder / "val.txt").run()
    (folder / "empty").mkdir()
    with pytest.raises(InputError, match="holds no scenes, and no truth files"):
        job(folder, dataset=folder / "empty").run()
    with pytest.raises(InputError, match=r"has no files NAME.txt of scenes"):
        job(folder, predictions=folder / "empty", missing="zero").run()


def test_classes_of_a_data_sets_scenes(tmp_path: Path) -> None:
    make(tmp_path)
    chairs = np.where(segments(BOX) == 44, 2, 5)
    wrong = np.where(segments(BOX) == 31, 2, chairs)
    for scene, labels in zip(SCENES, (chairs, wrong), strict=True):
        write_classes(tmp_path / "found", scene, labels)
    outcome = job(tmp_path, dataset=tmp_path / "scans").run()
    n, floor, taken = len(chairs), int((chairs == 2).sum()), int((segments(BOX) == 31).sum())
    assert outcome.kind == "classes"
    assert outcome.figures["floor"]["iou"] == pytest.approx(2 * floor / (2 * floor + taken))
    assert outcome.figures["chair"]["iou"] == pytest.approx(1 - taken / (2 * (n - floor)))
    assert outcome.figures["all"]["miou"] == pytest.approx(
        (outcome.figures["floor"]["iou"] + outcome.figures["chair"]["iou"]) / 2
    )
    write_classes(tmp_path / "found", SCENES[0], chairs[:-1])
    with pytest.raises(InputError, match=rf"has {n - 1:,} vertices, but the scene's mesh has {n:,}"):
        job(tmp_path, dataset=tmp_path / "scans").run()
    with pytest.raises(InputError, match="`classes` all: works only with a folder of truth files"):
        job(tmp_path, dataset=tmp_path / "scans", classes="all").run()


def test_loose_files_and_a_single_scene_are_data_sets(tmp_path: Path) -> None:
    make(tmp_path)
    labels = np.where(segments(BOX) == 44, 2, 5)
    loose = tmp_path / "loose"
    loose.mkdir()
    shutil.copy(tmp_path / "scans" / "scannetv2-labels.combined.tsv", loose)
    for scene in SCENES:
        write_classes(tmp_path / "found", scene, labels)
        for file in (tmp_path / "scans" / scene).iterdir():
            shutil.copy(file, loose)
    assert job(tmp_path, dataset=loose).run().total == 2
    (tmp_path / "found" / f"{SCENES[1]}.txt").unlink()
    single = job(tmp_path, dataset=tmp_path / "scans" / SCENES[0], out=tmp_path / "single").run()
    assert (single.total, single.figures["all"]["miou"]) == (1, 1)
