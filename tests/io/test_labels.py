"""Labels and scores of vertices: the files, and which part of a scene they mark."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from plyfile import PlyData, PlyElement

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import Labels, labels_beside, load_labels, load_mesh, load_scores, save_labels
from tvdrnet_nv.io.labels import NYU40
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.part_weights import ball_weights, box_weights, label_weights, score_weights
from tvdrnet_nv.scenes import make_room, textured_box

BOX = textured_box(3)
NAMES = {1: "table_0", 2: "chair_0", 3: "chair_1", 7: "lamp"}


def halves() -> Labels:
    """3 where x is positive, 1 elsewhere."""
    return Labels(np.where(BOX.vertices[:, 0].numpy() > 0, 3, 1), NAMES)


def test_labels_survive_being_written_and_read(tmp_path: Path) -> None:
    labels = halves()
    path = tmp_path / "box.labels.ply"
    save_labels(BOX, labels, path)
    read = load_labels(path)
    np.testing.assert_array_equal(read.of_vertex, labels.of_vertex)
    assert read.names == NAMES
    data = PlyData.read(str(path))
    names = [p.name for p in data["vertex"].properties]
    assert names == ["x", "y", "z", "red", "green", "blue", "alpha", "label"]
    assert data["vertex"]["label"].dtype == np.dtype("<u2")
    again = load_mesh(path)
    torch.testing.assert_close(again.vertices, BOX.vertices)
    assert torch.equal(again.faces, BOX.faces)


def test_scannets_own_files_have_scannets_names(tmp_path: Path) -> None:
    vertex = np.zeros(3, dtype=[("x", "f4"), ("y", "f4"), ("z", "f4"), ("label", "u2")])
    vertex["label"] = [0, 5, 39]
    path = tmp_path / "scene0000_00_vh_clean_2.labels.ply"
    PlyData([PlyElement.describe(vertex, "vertex")]).write(str(path))
    labels = load_labels(path)
    assert len(NYU40) == 40
    assert labels.find("chair") == [5]
    assert labels.find("otherfurniture") == [39]
    assert labels.describe() == "0, 5 chair, 39 otherfurniture"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("3", [3]), ("chair_1", [3]), ("chair", [3]), ("table", [1]), ("2", []), ("lamp", []), ("c", [])],
)
def test_labels_go_by_number_and_by_name(wanted: str, found: list[int]) -> None:
    assert halves().find(wanted) == found


def test_a_name_means_all_of_its_kind() -> None:
    assert Labels(np.array([1, 2, 3]), NAMES).find("chair") == [2, 3]


def test_an_unknown_label_lists_those_there_are() -> None:
    with pytest.raises(InputError, match="'sofa'; there are 1 table_0, 3 chair_1"):
        label_weights(BOX, halves(), ["sofa"])


def test_labels_of_another_mesh_are_refused() -> None:
    with pytest.raises(InputError, match=f"5 labels, but the scene has {BOX.num_vertices} vertices"):
        label_weights(BOX, Labels(np.ones(5, int), {}), ["1"])


def test_parts_by_label_box_ball_and_scores_are_the_same_half() -> None:
    low, high = (corner.tolist() for corner in BOX.bounds)
    wanted = (BOX.vertices[:, 0] > 0).float()
    assert torch.equal(label_weights(BOX, halves(), ["3"]), wanted)
    assert torch.equal(box_weights(BOX, high, [1e-6, low[1], low[2]]), wanted)
    assert torch.equal(
        ball_weights(BOX, [100.0, 0, 0], 100.0),
        ((BOX.vertices - torch.tensor([100.0, 0, 0])).norm(dim=1) <= 100).float(),
    )
    scores = np.where(wanted.numpy() > 0, 40.0, 10.0)
    scores[int(wanted.argmax())] = 30.0
    weights = score_weights(BOX, scores)
    assert float(weights[int(wanted.argmax())]) == 0.75
    assert torch.equal(weights > 0, wanted > 0)


def test_a_part_without_a_surface_says_where_the_scene_is() -> None:
    with pytest.raises(InputError, match="no surface; the scene lies between"):
        box_weights(BOX, [9.0, 9, 9], [10.0, 10, 10])
    with pytest.raises(InputError, match="no surface"):
        ball_weights(BOX, [9.0, 9, 9], 1.0)
    flat = Mesh(torch.eye(3), torch.tensor([[0, 1, 2], [0, 0, 0]], dtype=torch.int32), torch.ones(3, 3))
    lone = Mesh(
        torch.cat([flat.vertices, torch.ones(1, 3)]),
        torch.tensor([[0, 1, 2], [3, 3, 3]], dtype=torch.int32),
        torch.ones(4, 3),
    )
    with pytest.raises(InputError, match="zero area"):
        score_weights(lone, np.array([0, 0, 0, 1.0]))


@pytest.mark.parametrize(
    ("scores", "message"), [(np.zeros(BOX.num_vertices), "all scores are zero"), (np.ones(3), "3 scores, but")]
)
def test_scores_that_say_nothing_are_refused(scores: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        score_weights(BOX, scores)


@pytest.mark.parametrize("suffix", [".npy", ".txt"])
def test_scores_are_read(tmp_path: Path, suffix: str) -> None:
    values, path = np.array([0.0, 1.5, 2.0]), tmp_path / f"scores{suffix}"
    np.save(path, values[:, None]) if suffix == ".npy" else np.savetxt(path, values)
    np.testing.assert_array_equal(load_scores(path), values)


def spoiled(path: Path, what: str) -> None:
    if what == "shape":
        np.save(path, np.ones((3, 2)))
    elif what == "negative":
        np.save(path, np.array([1.0, -2.0]))
    elif what == "nan":
        np.save(path, np.array([1.0, np.nan]))
    elif what == "pickled":
        np.save(path, np.array([{}]), allow_pickle=True)
    elif what == "text":
        path.write_text("no numbers")


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("missing", "no such file"),
        ("shape", r"float64 of shape \[3, 2\]"),
        ("negative", "number 1 is -2"),
        ("nan", "number 1 is nan"),
        ("pickled", "cannot be read"),
        ("text", "cannot be read"),
    ],
)
def test_broken_scores_are_refused_in_a_line(tmp_path: Path, what: str, message: str) -> None:
    path = tmp_path / "scores.npy"
    spoiled(path, what)
    with pytest.raises(InputError, match=message) as caught:
        load_scores(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_broken_labels_are_refused_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "x.labels.ply"
    with pytest.raises(InputError, match="no such file"):
        load_labels(path)
    path.write_text("nothing")
    with pytest.raises(InputError, match="not a PLY file"):
        load_labels(path)
    for dtype, values, message in (
        ("f4", [1.5], "whole number"),
        ("i4", [-1], "below zero"),
        ("u2", [], "no vertices"),
    ):
        vertex = np.zeros(len(values), dtype=[("x", "f4"), ("label", dtype)])
        vertex["label"] = values
        PlyData([PlyElement.describe(vertex, "vertex")]).write(str(path))
        with pytest.raises(InputError, match=message):
            load_labels(path)
    with pytest.raises(ValueError, match="one a vertex"):
        save_labels(BOX, Labels(np.ones(2, int), {}), path)


def test_the_room_knows_its_objects() -> None:
    room = make_room(5000)
    labels = Labels(room.labels.numpy().astype(int) + 1, dict(enumerate(room.names, start=1)))
    chairs = label_weights(room.mesh, labels, ["chair"])
    assert len(labels.find("chair")) == 5
    height = room.mesh.vertices[chairs > 0][:, 2]
    assert 0.8 < float(height.max() - height.min()) < 1.2
    assert labels_beside(Path("a/room.ply")) == Path("a/room.labels.ply")
