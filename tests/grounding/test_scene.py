"""Things from objects, from labels of single things, and from labels of kinds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.datasets.folders import BOX, scannet
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding import scene_things
from tvdrnet_nv.grounding.scene import things_of_labels
from tvdrnet_nv.io import Labels, save_ply
from tvdrnet_nv.mesh import Mesh

UP = torch.tensor([0.0, 0.0, 1.0])


def two_squares() -> Mesh:
    """Two separate squares of four by four vertices."""
    x, y = torch.meshgrid(torch.arange(6.0), torch.arange(6.0), indexing="ij")
    one = torch.stack([x, y, torch.zeros_like(x)], -1).reshape(-1, 3)
    corner = (torch.arange(5)[:, None] * 6 + torch.arange(5)).reshape(-1)
    faces = torch.cat(
        [torch.stack([corner, corner + 6, corner + 1], 1), torch.stack([corner + 1, corner + 6, corner + 7], 1)]
    )
    vertices = torch.cat([one, one + torch.tensor([10.0, 0, 0])])
    return Mesh(vertices, torch.cat([faces, faces + 36]).int(), torch.full_like(vertices, 0.5))


def test_a_label_of_a_kind_is_as_many_things_as_it_has_patches() -> None:
    labels = Labels(np.full(72, 5), {5: "chair"})
    found = things_of_labels(two_squares(), labels, UP, Path("some.labels.ply"))
    assert [(item.name, item.title, len(item.vertices)) for item in found.items] == [
        ("chair", "chair 1", 36),
        ("chair", "chair 2", 36),
    ]
    assert found.items[1].center[0] > 9


def test_labels_of_single_things_are_things() -> None:
    labels = Labels(np.repeat([1, 2], 36), {1: "office_chair_0", 2: "floor_0"})
    found = things_of_labels(two_squares(), labels, UP, Path("some.labels.ply"))
    assert [(item.id, item.name, item.title) for item in found.items] == [
        (1, "office chair", "office_chair_0"),
        (2, "floor", "floor_0"),
    ]


def test_labels_of_another_mesh_are_refused() -> None:
    with pytest.raises(InputError, match="3 labels, but the scene has 72 vertices"):
        things_of_labels(two_squares(), Labels(np.ones(3, np.int64), {1: "chair"}), UP, Path("some.labels.ply"))


def test_a_data_sets_objects_come_first(tmp_path: Path) -> None:
    folder = scannet(tmp_path / "scene0042_01")
    found = scene_things(BOX, folder, None, UP)
    assert found is not None
    assert "aggregation.json" in found.source
    assert {item.name for item in found.items} == {"office chair", "floor"}


def test_a_scene_without_labels_has_no_things(tmp_path: Path) -> None:
    save_ply(BOX, tmp_path / "box.ply")
    assert scene_things(BOX, tmp_path / "box.ply", None, UP) is None
