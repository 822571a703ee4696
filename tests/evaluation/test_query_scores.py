"""Scores of queries and their figures by hand; the log that they outlast an interruption in."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.datasets.folders import BOX, scannet, segments
from tvdrnet_nv.datasets import Referral, open_scene
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation import (
    Answer,
    QueryScore,
    QueryTruth,
    ScoreLog,
    TruthOfScene,
    box_of_points,
    missing_score,
    score_answer,
    summary,
    write_mask,
)


def score(key: str, iou: float | None, box: float, right: bool | None = None) -> QueryScore:
    return QueryScore(key, iou, box, right, 10, None if iou is None else 10)


def test_a_prediction_by_hand() -> None:
    # Five points on a line, each with a cube's extent by its neighbours: the truth is the first four.
    points = np.array([[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 3, 3], [4, 4, 4.0]])
    truth = QueryTruth(np.array([1, 1, 1, 1, 0], bool), points, (7,))
    found = score_answer("k", truth, Answer(mask=np.array([0, 0, 1, 1, 1], bool)))
    # Two in common of five; the cubes [0, 3] and [2, 4] have 1 in common of 27 + 8 - 1.
    assert found == QueryScore("k", 2 / 5, 1 / 34, None, 4, 3)
    assert score_answer("k", truth, Answer(box=np.array([[0, 0, 0], [3, 3, 1.0]]))) == QueryScore(
        "k", None, 9 / 27, None, 4, None
    )
    named = score_answer("k", truth, Answer(mask=truth.mask, object_ids=(7,)))
    assert named == QueryScore("k", 1.0, 1.0, True, 4, 4)
    assert score_answer("k", truth, Answer(mask=~truth.mask, object_ids=(8,))).right is False
    nothing = score_answer("k", truth, Answer(mask=np.zeros(5, bool)))
    assert (nothing.iou, nothing.box_iou, nothing.found_vertices) == (0.0, 0.0, 0)
    assert truth.inside(np.array([[1, 1, 1], [2.5, 2, 2]])).tolist() == [False, True, True, False, False]


def test_figures_by_hand() -> None:
    scores = [score("a", 0.5, 0.5), score("b", 0.25, 0.25), score("c", 0.9, 0.1), score("d", 0.0, 0.0)]
    groups = [("unique",), ("multiple",), ("multiple",), ()]
    found = summary(scores, groups)
    assert list(found) == ["all", "unique", "multiple"]
    # Masks count above a threshold: only 0.5 and 0.9 above 0.25. Boxes count from it on.
    assert found["all"] == pytest.approx(
        {
            "queries": 4,
            "miou": 1.65 / 4,
            "acc25": 2 / 4,
            "acc50": 1 / 4,
            "box_miou": 0.85 / 4,
            "box_acc25": 2 / 4,
            "box_acc50": 1 / 4,
        }
    )
    assert found["multiple"]["miou"] == pytest.approx(1.15 / 2)
    assert found["unique"]["queries"] == 1


def test_figures_of_boxes_and_of_objects() -> None:
    boxes = summary([score("a", None, 0.6), missing_score("b")], [(), ()])["all"]
    assert boxes == {"queries": 2, "box_miou": 0.3, "box_acc25": 0.5, "box_acc50": 0.5}
    objects = summary([score("a", 1.0, 1.0, True), score("b", 0.0, 0.0, False), missing_score("c")], [()] * 3)["all"]
    assert objects["accuracy"] == pytest.approx(1 / 3)
    assert summary([], []) == {"all": {"queries": 0}}


def test_the_truth_of_a_query_is_its_objects_in_aligned_coordinates(tmp_path: Path) -> None:
    scene = TruthOfScene(open_scene(scannet(tmp_path / "scene0042_01", align=True)))
    truth = scene.of_query("k", Referral("scene0042_01", (0, 4), "it", "instruct3d"))
    np.testing.assert_array_equal(truth.mask, segments(BOX) != 44)
    # A quarter turn about z and a shift: (x, y, z) to (5 - y, x - 2, z + 0.5).
    x, y, z = BOX.vertices.double().numpy().T
    np.testing.assert_allclose(truth.positions, np.stack([5 - y, x - 2, z + 0.5], 1))
    with pytest.raises(InputError, match=r"has no object 9, which k of the data set names; its ids are 0 to 4"):
        scene.of_query("k", Referral("scene0042_01", (9,), "it", "scanrefer"))


def test_the_truth_may_be_masks(tmp_path: Path) -> None:
    folder = scannet(tmp_path / "scene0042_01")
    (folder / "scene0042_01.aggregation.json").unlink()
    wanted = BOX.vertices[:, 0].numpy() > 0
    write_mask(tmp_path / "k.json", wanted)
    scene = TruthOfScene(open_scene(folder), tmp_path)
    truth = scene.of_query("k", Referral("scene0042_01", (), "where?", "reason3d"))
    np.testing.assert_array_equal(truth.mask, wanted)
    box = box_of_points(BOX.vertices[wanted].double().numpy())
    assert box is not None
    assert score_answer("k", truth, Answer(box=box)).box_iou == pytest.approx(1, abs=1e-6)
    with pytest.raises(InputError, match=r"l\.npy: cannot be read as an array .no such file"):
        scene.of_query("l", Referral("scene0042_01", (), "where?", "reason3d"))


def test_the_log_keeps_what_it_was_given_and_forgets_a_line_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "scores.jsonl"
    wanted = score("a", 0.125, 0.1).to_dict()
    with ScoreLog(file) as log:
        log.add("a", "1", wanted)
        log.add("b", "1", 3)
        log.add("b", "2", 4)
    with file.open("a") as stream:
        stream.write('{"key": "c", "st')
    with ScoreLog(file) as log:
        assert QueryScore.from_dict(log.find("a", "1")) == score("a", 0.125, 0.1)
        assert (log.find("a", "2"), log.find("b", "1"), log.find("b", "2"), log.find("c", "1")) == (None, None, 4, None)
        log.add("c", "1", 5)
    assert [json.loads(line)["key"] for line in file.read_text().splitlines()] == ["a", "b", "b", "c"]
    file.write_text('{"key": "a"}\n')
    with pytest.raises(InputError, match="line 1 is no earlier run's score"):
        ScoreLog(file)
