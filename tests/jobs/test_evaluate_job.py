"""Evaluations of sentences: figures, what a second run does, Ctrl-C, and input that cannot be used."""

from __future__ import annotations

import csv
import json
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.jobs.evaluations import SCENES, make, mask_file, object_mask
from tvdrnet_nv.datasets import load_referrals
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation import (
    TruthOfScene,
    box_of_points,
    queries_of,
    scanrefer_entry,
    write_entries,
    write_mask,
)
from tvdrnet_nv.evaluation.scenes import scene_named
from tvdrnet_nv.jobs import EvaluateJob


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path)
    return tmp_path


def job(folder: Path, **fields: Any) -> EvaluateJob:
    given = {"predictions": folder / "masks", "scenes": folder / "scans", "gallery": 0, "out": folder / "out"}
    return EvaluateJob(dataset=folder / "scanrefer.json", **(given | fields))


def logged(folder: Path) -> list[str]:
    return [json.loads(line)["key"] for line in (folder / "out" / "scores.jsonl").read_text().splitlines()]


def test_the_figures_and_the_table(folder: Path) -> None:
    wrong = mask_file(folder, SCENES[0], 2)
    write_mask(wrong, object_mask(4))
    outcome = job(folder).run()
    assert (outcome.kind, outcome.done, outcome.total, outcome.notes) == ("queries", 6, 6, [])
    # Each scene has two chairs and a floor, which is of no named class.
    assert {name: row["queries"] for name, row in outcome.figures.items()} == {"all": 6, "multiple": 4, "unique": 2}
    assert outcome.figures["all"]["miou"] == pytest.approx(5 / 6)
    assert outcome.figures["unique"]["acc50"] == 1 / 2
    assert outcome.figures["multiple"]["box_acc50"] == 1
    assert sorted(file.name for file in outcome.files) == ["queries.csv", "results.json", "scores.jsonl"]
    results = json.loads((folder / "out" / "results.json").read_text())
    assert results["figures"] == outcome.figures
    with (folder / "out" / "queries.csv").open(newline="") as file:
        rows = {row["query"]: row for row in csv.DictReader(file)}
    assert rows["scene0042_01-2-0"]["iou"] == "0.0"
    assert rows["scene0042_01-4-0"]["sentence"] == "the <office_chair> & 4"
    assert rows["scene0043_00-0-0"]["truth_vertices"] == str(object_mask(0).sum())


def test_a_second_run_scores_what_has_changed(folder: Path) -> None:
    job(folder).run()
    assert len(logged(folder)) == 6
    assert job(folder).run().figures["all"]["miou"] == 1
    assert len(logged(folder)) == 6
    write_mask(mask_file(folder, SCENES[1], 4), object_mask(2))
    assert job(folder).run().figures["all"]["miou"] == pytest.approx(5 / 6)
    assert logged(folder)[6:] == ["scene0043_00-4-0"]
    job(folder, threshold=0.25).run()
    assert len(logged(folder)) == 13
    annotation = folder / "scans" / SCENES[0] / f"{SCENES[0]}.aggregation.json"
    annotation.write_text(annotation.read_text() + "\n")
    job(folder, threshold=0.25).run()
    assert sorted(logged(folder)[13:]) == [f"{SCENES[0]}-{number}-0" for number in (0, 2, 4)]


def test_ctrl_c_keeps_what_is_done(folder: Path) -> None:
    def press(done: int, total: int) -> None:
        assert total == 6
        if done == 2:
            signal.raise_signal(signal.SIGINT)

    outcome = job(folder).run(on_progress=press)
    assert outcome.interrupted
    assert outcome.done == 2
    assert "2 of 6 are evaluated and kept" in outcome.notes[0]
    assert [file.name for file in outcome.files] == ["scores.jsonl"]
    assert len(logged(folder)) == 2
    assert job(folder).run().figures["all"]["miou"] == 1
    assert len(logged(folder)) == 6


def test_boxes_are_compared_in_aligned_coordinates(folder: Path) -> None:
    file = folder / "scanrefer.json"
    entries = []
    for query in queries_of(file, load_referrals(file)):
        truth = TruthOfScene(scene_named(folder / "scans", query.referral.scene)).of_query(query.key, query.referral)
        box = box_of_points(truth.positions[truth.mask])
        assert box is not None
        entries.append(scanrefer_entry(query, box))
    write_entries(folder / "boxes.json", entries)
    found = job(folder, predictions=folder / "boxes.json").run().figures["all"]
    assert found == pytest.approx({"queries": 6, "box_miou": 1, "box_acc25": 1, "box_acc50": 1})


def test_objects_as_predictions(folder: Path) -> None:
    entries = [{"query": f"{s}-{n}-0", "object_ids": [n if s == SCENES[0] else 4]} for s in SCENES for n in (0, 4, 2)]
    write_entries(folder / "ids.jsonl", entries)
    found = job(folder, predictions=folder / "ids.jsonl").run().figures["all"]
    assert found["accuracy"] == found["acc50"] == pytest.approx(4 / 6)
    entries[0]["object_ids"] = [9]
    write_entries(folder / "ids.jsonl", entries)
    with pytest.raises(InputError, match=r"has no object 9, which the prediction for scene0042_01-0-0 names"):
        job(folder, predictions=folder / "ids.jsonl").run()


def test_queries_without_a_prediction(folder: Path) -> None:
    mask_file(folder, SCENES[0], 2).unlink()
    with pytest.raises(InputError, match=r"1 of 6 queries have no prediction, such as scene0042_01-2-0; add them"):
        job(folder).run()
    assert not (folder / "out").exists()
    zero = job(folder, missing="zero").run()
    assert zero.figures["all"]["miou"] == pytest.approx(5 / 6)
    assert "nothing is found for them" in zero.notes[0]
    skipped = job(folder, missing="skip").run()
    assert (skipped.figures["all"]["queries"], skipped.figures["all"]["miou"]) == (5, 1)


def test_a_split_chooses_scenes(folder: Path) -> None:
    (folder / "val.txt").write_text(f"{SCENES[1]}\nscene0999_00\n")
    assert job(folder, split=folder / "val.txt").run().total == 3
    (folder / "val.txt").write_text("scene0999_00\n")
    with pytest.raises(InputError, match=r"none of its scenes has a sentence; such as scene0042_01 have"):
        job(folder, split=folder / "val.txt").run()


def test_reason3d_needs_true_masks(folder: Path) -> None:
    entries = [{"scene_name": SCENES[0], "object_id": 3, "question": "where to sit?"}]
    (folder / "reason3d.json").write_text(json.dumps(entries))
    for name in ("truth", "p"):
        (folder / name).mkdir()
    write_mask(folder / "p" / f"{SCENES[0]}-0.npy", object_mask(0))
    fields = {"dataset": folder / "reason3d.json", "scenes": folder / "scans", "predictions": folder / "p"}
    fields |= {"out": folder / "out", "gallery": 0}
    with pytest.raises(InputError, match=r"scene0042_01-0: its file names a class, but no objects; give"):
        EvaluateJob(**fields).run()
    write_mask(folder / "truth" / f"{SCENES[0]}-0.npy", object_mask(0) | object_mask(4))
    found = EvaluateJob(**fields, truth=folder / "truth").run().figures["all"]
    share = object_mask(0).sum() / (object_mask(0) | object_mask(4)).sum()
    assert found["miou"] == pytest.approx(share)
    write_mask(folder / "truth" / f"{SCENES[0]}-0.npy", object_mask(0))
    assert EvaluateJob(**fields, truth=folder / "truth").run().figures["all"]["miou"] == 1


def test_a_file_with_an_entry_that_cannot_be_read_gives_no_figures(folder: Path) -> None:
    entries = json.loads((folder / "scanrefer.json").read_text())
    entries[1]["object_id"] = "x"
    (folder / "scanrefer.json").write_text(json.dumps(entries))
    with pytest.raises(InputError, match=r"entry 1: object_id is 'x'.*; 1 of 6 entries cannot be read; mend them"):
        job(folder).run()
    assert not (folder / "out").exists()


def test_an_object_without_vertices_is_left_out_of_the_figures(folder: Path) -> None:
    annotation = folder / "scans" / SCENES[0] / f"{SCENES[0]}.aggregation.json"
    data = json.loads(annotation.read_text())
    data["segGroups"][0]["segments"] = []
    annotation.write_text(json.dumps(data))
    outcome = job(folder).run()
    assert outcome.figures["all"]["queries"] == 5
    assert outcome.notes == ["1 queries are not in the figures, as their objects have no vertices: scene0042_01-0-0"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.ones(7, bool), r"scene0042_01-0-0.npy: has 7 vertices, but the scene's mesh has"),
        (np.full(object_mask(0).size, np.nan), r"scene0042_01-0-0.npy: the score of vertex 0 is nan"),
    ],
)
def test_a_prediction_that_cannot_be_used_ends_the_run(folder: Path, values: np.ndarray, message: str) -> None:
    np.save(mask_file(folder, SCENES[0], 0), values)
    with pytest.raises(InputError, match=message):
        job(folder).run()
    assert not (folder / "out" / "results.json").exists()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"dataset": None}, "no data set given"),
        ({"predictions": None}, "no predictions given"),
        ({"predictions": "nowhere"}, "`predictions` nowhere: no such file or folder"),
        ({"scenes": None}, "give their folder as `scenes`"),
        ({"scenes": "nowhere"}, "nowhere: has no scene scene0042_01"),
        ({"classes": "scannet200"}, "`classes`: works only with a folder of scenes"),
        ({"missing": "no"}, "`missing` no: choose from refuse, zero, skip"),
        ({"gallery": -1}, "`gallery` -1: wanted 0 or more"),
        ({"threshold": float("nan")}, "`threshold` nan: wanted a finite number"),
        ({"dataset": "nothing.json"}, "nothing.json: no such file"),
    ],
)
def test_fields_that_cannot_be_used(folder: Path, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        EvaluateJob(
            **{
                "dataset": folder / "scanrefer.json",
                "predictions": folder / "masks",
                "scenes": folder / "scans",
                "out": folder / "out",
                **fields,
            }
        ).run()
    assert not (folder / "out").exists()
