"""Predictions for queries in each format, and those that cannot be used."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tvdrnet_nv.datasets import Referral
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation import (
    Query,
    box_corners,
    encode_runs,
    open_answers,
    scanrefer_entry,
    write_entries,
    write_mask,
)

MASK = np.array([0, 1, 1, 0], bool)
BOX = np.array([[0.0, 1, 2], [3, 4, 5]])
QUERIES = [Query(f"a-1-{n}", Referral("a", (1,), "it", "scanrefer", number=str(n)), ("multiple",)) for n in range(4)]
ENTRY = {"scene_id": "a", "object_id": "1", "ann_id": "0"}


def test_a_folder_of_masks(tmp_path: Path) -> None:
    write_mask(tmp_path / "a-1-0.npz", MASK)
    write_mask(tmp_path / "a-1-1.json", ~MASK)
    (tmp_path / "a-1-2").mkdir()
    write_mask(tmp_path / "a-1-2" / "mask.npy", MASK)
    (tmp_path / "notes.md").write_text("not a mask")
    answers = open_answers(tmp_path, QUERIES)
    assert set(answers.keys) == {"a-1-0", "a-1-1", "a-1-2"}
    for key, wanted in (("a-1-0", MASK), ("a-1-1", ~MASK), ("a-1-2", MASK)):
        found = answers.load(key, 4, 0.5)
        assert found.mask is not None
        np.testing.assert_array_equal(found.mask, wanted)
    before = answers.stamp("a-1-0")
    assert open_answers(tmp_path, QUERIES).stamp("a-1-0") == before
    os.utime(tmp_path / "a-1-0.npz", ns=(1, 1))
    assert answers.stamp("a-1-0") != before


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_a_file_of_entries_of_each_kind(tmp_path: Path, suffix: str) -> None:
    write_mask(tmp_path / "one.npy", MASK)
    entries: list[dict[str, Any]] = [
        scanrefer_entry(QUERIES[0], BOX),
        {"query": "a-1-1", "mask": encode_runs(MASK)},
        {"query": "a-1-2", "mask": "one.npy"},
        {"query": "a-1-3", "object_ids": [3, 5]},
    ]
    assert entries[0]["unique_multiple"] == 1
    file = tmp_path / f"predictions{suffix}"
    write_entries(file, entries)
    answers = open_answers(file, QUERIES)
    boxed, coded, named, told = (answers.load(query.key, 4, 0.5) for query in QUERIES)
    np.testing.assert_array_equal(boxed.box, BOX)
    np.testing.assert_array_equal(coded.mask, MASK)
    np.testing.assert_array_equal(named.mask, MASK)
    assert told.object_ids == (3, 5)
    before = {key: answers.stamp(key) for key in answers.keys}
    entries[3]["object_ids"] = [3]
    write_entries(file, entries)
    after = {key: open_answers(file, QUERIES).stamp(key) for key in before}
    assert {key for key in before if before[key] != after[key]} == {"a-1-3"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "is no list of predictions"),
        ("[1]", "entry 0 is no JSON object"),
        ("[]", "has no predictions"),
        ([{"scene_id": "a", "bbox": []}], "entry 0: has no object_id, ann_id"),
        ([{**ENTRY, "ann_id": "9", "bbox": []}], "entry 0: is of a-1-9, which is no query of the data set"),
        ([{**ENTRY, "object_ids": [1]}, {**ENTRY, "object_ids": [1]}], "entry 1: is a second prediction for a-1-0"),
        ([ENTRY], "entry 0: has none of them; wanted one of mask, bbox, object_ids"),
        ([{**ENTRY, "object_ids": [1], "bbox": []}], "has bbox and object_ids"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, content: Any, message: str) -> None:
    file = tmp_path / "p.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(InputError, match=message):
        open_answers(file, QUERIES)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"bbox": box_corners(BOX)[:7].tolist()}, "entry 0: bbox is no list of 8 corners"),
        ({"bbox": "x"}, "bbox is no list of 8 corners"),
        ({"bbox": [[float("nan"), 0, 0]] * 8}, "bbox has a number that is not finite"),
        ({"object_ids": "7"}, "object_ids is '7'"),
        ({"object_ids": [1.5]}, r"object_ids is \[1.5\]"),
        ({"mask": {"length": 4}}, "entry 0: mask: is no mask"),
        ({"mask": encode_runs(np.ones(5, bool))}, "has 5 vertices, but the scene's mesh has 4"),
        ({"mask": "other.npy"}, "other.npy: cannot be read as an array .no such file"),
    ],
)
def test_entries_that_cannot_be_used(tmp_path: Path, answer: dict[str, Any], message: str) -> None:
    file = tmp_path / "p.json"
    file.write_text(json.dumps([{**ENTRY, **answer}]))
    with pytest.raises(InputError, match=message):
        open_answers(file, QUERIES).load("a-1-0", 4, 0.5)


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no predictions; .* such as a-1-0.npy"):
        open_answers(tmp_path, QUERIES)
    write_mask(tmp_path / "a-1-0.npy", MASK)
    write_mask(tmp_path / "a-1-0.npz", MASK)
    with pytest.raises(InputError, match="two predictions for a-1-0"):
        open_answers(tmp_path, QUERIES)
    (tmp_path / "a-1-0.npz").rename(tmp_path / "b-1-0.npz")
    with pytest.raises(InputError, match="has a prediction for b-1-0, which is no query of the data set"):
        open_answers(tmp_path, QUERIES)
    (tmp_path / "x.jsonl").write_text("{}\n{")
    with pytest.raises(InputError, match="line 2 is not JSON"):
        open_answers(tmp_path / "x.jsonl", QUERIES)
