"""Instances and classes in ScanNet's formats, and the truth of scenes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.datasets.folders import BOX, scannet, segments, write_labels
from tvdrnet_nv.datasets import open_scene
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation import (
    CLASS_LISTS,
    FoundInstance,
    InstanceTruth,
    read_instances,
    read_labels,
    read_truth,
    scene_truth,
    write_classes,
    write_instances,
    write_truth,
)
from tvdrnet_nv.evaluation.instance_files import is_instance_file, read_instance_lines

SCENE = "scene0042_01"
NYU, RAW = CLASS_LISTS["scannet"], CLASS_LISTS["scannet200"]


def test_the_benchmarks_classes() -> None:
    # The numbers of ScanNet's documentation: 20 classes of NYU40, 18 of them with instances.
    assert tuple(NYU.names) == (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 24, 28, 33, 34, 36, 39)
    assert [NYU.names[n] for n in (1, 5, 28, 39)] == ["wall", "chair", "shower curtain", "otherfurniture"]
    assert (len(NYU.things), len(RAW.names), len(RAW.things)) == (18, 200, 198)


@pytest.mark.parametrize("runs", [False, True])
def test_instances_are_read_as_they_were_written(tmp_path: Path, runs: bool) -> None:
    rng = np.random.default_rng(0)
    wanted = [FoundInstance(rng.random(50) < 0.5, label, conf) for label, conf in ((5, 0.9), (7, 1e-9), (5, 12.5))]
    file = write_instances(tmp_path / "new", "scene0000_00", wanted, runs=runs)
    first = file.read_text().splitlines()[0].split()
    assert first == [f"predicted_masks/scene0000_00_000.{'json' if runs else 'txt'}", "5", "0.9"]
    assert is_instance_file(file)
    found = list(read_instances(file, 50))
    assert [(item.label, item.confidence) for item in found] == [(5, 0.9), (7, 1e-9), (5, 12.5)]
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(a.mask, b.mask)


def test_classes_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = write_classes(tmp_path / "new", "scene0000_00", np.array([0, 5, 39]))
    assert file.read_text() == "0\n5\n39\n"
    assert not is_instance_file(file)
    np.testing.assert_array_equal(read_labels(file), [0, 5, 39])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a.txt 5 nan", "line 2: the confidence is nan"),
        ("a.txt 5 inf", "line 2: the confidence is inf"),
        ("a.txt chair 0.5", "line 2 is 'a.txt chair 0.5'; wanted MASK_FILE CLASS CONFIDENCE"),
        ("a.txt 5", "line 2 is 'a.txt 5'"),
        ("/etc/a.txt 5 0.5", "line 2: /etc/a.txt is not below the file's folder"),
        ("../a.txt 5 0.5", "is not below the file's folder"),
    ],
)
def test_lines_that_are_no_instance_are_named(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "s.txt").write_text(f"b.txt 5 0.5\n{line}\n")
    with pytest.raises(InputError, match=message):
        read_instance_lines(tmp_path / "s.txt")


def test_a_truth_file_by_hand(tmp_path: Path) -> None:
    # A class without an instance (5) and nothing (0) are void.
    (tmp_path / "s.txt").write_text("0\n5\n5001\n5002\n39001\n5001\n")
    found = read_truth(tmp_path / "s.txt")
    np.testing.assert_array_equal(found.labels, [0, 0, 5, 5, 39, 5])
    assert (found.instances != 0).tolist() == [False, False, True, True, True, True]
    assert found.instances[2] == found.instances[5] != found.instances[3]
    write_truth(tmp_path / "again.txt", found)
    assert (tmp_path / "again.txt").read_text() == "0\n0\n5001\n5002\n39001\n5001\n"
    many = InstanceTruth(np.full(1000, 5), np.arange(1, 1001))
    with pytest.raises(ValueError, match="class 5 has 1000 instances"):
        write_truth(tmp_path / "again.txt", many)
    (tmp_path / "s.txt").write_text("0\n-1\n")
    with pytest.raises(InputError, match="line 2 is -1; wanted whole numbers"):
        read_truth(tmp_path / "s.txt")


def test_the_truth_of_a_scene_by_the_table_of_labels(tmp_path: Path) -> None:
    folder = scannet(tmp_path / SCENE)
    (tmp_path / "scannetv2-labels.combined.tsv").write_text(
        "id\traw_category\tnyu40id\n10\toffice chair\t5\n3\tfloor\t2\n"
    )
    of_vertex = segments(BOX)
    for classes, chair, floor in ((NYU, 5, 2), (RAW, 10, 3)):
        found = scene_truth(open_scene(folder), classes)
        np.testing.assert_array_equal(found.labels, np.where(of_vertex == 44, floor, chair))
        # Segments 7 and 20 are one chair, 31 another.
        assert len(np.unique(found.instances[found.labels == chair])) == 2
        assert len(np.unique(found.instances[np.isin(of_vertex, [7, 20])])) == 1


def test_the_truth_of_a_scene_by_its_labels(tmp_path: Path) -> None:
    folder = scannet(tmp_path / SCENE)  # with raw ids: 10 is an office chair
    np.testing.assert_array_equal(scene_truth(open_scene(folder), RAW).labels, np.where(segments(BOX) == 44, 3, 10))
    with pytest.raises(InputError, match=r"another numbering .ScanNet's raw ids.; put scannetv2-labels.combined.tsv"):
        scene_truth(open_scene(folder), NYU)
    write_labels(folder / f"{SCENE}_vh_clean_2.labels.ply", np.full(BOX.num_vertices, 5))
    assert set(scene_truth(open_scene(folder), NYU).labels.tolist()) == {5}
    (folder / f"{SCENE}_vh_clean_2.labels.ply").unlink()
    with pytest.raises(InputError, match="it has no labels"):
        scene_truth(open_scene(folder), NYU)
