"""Marks of objects in COCO's form."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tvdrnet_nv.camera import Orbit
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.marks import Marked, coco_marks, run_lengths
from tvdrnet_nv.scenes import textured_box


@pytest.mark.parametrize(
    ("mask", "lengths"),
    [
        ([[0, 0], [0, 0]], [4]),
        ([[1, 1], [1, 1]], [0, 4]),
        ([[0, 1], [1, 0]], [1, 2, 1]),
        ([[1, 0], [0, 0]], [0, 1, 3]),
        ([[0, 0], [0, 1]], [3, 1]),
    ],
)
def test_run_lengths_go_down_the_columns_and_begin_with_zeros(mask: list[list[int]], lengths: list[int]) -> None:
    assert run_lengths(np.array(mask, dtype=bool)) == lengths


def test_boxes_and_masks_are_those_of_the_picture() -> None:
    mesh = textured_box(6)
    renderer = Renderer(mesh, (48, 64))
    left = np.flatnonzero(mesh.vertices[:, 0].numpy() < 0)
    right = np.flatnonzero(mesh.vertices[:, 0].numpy() >= 0)
    views = Orbit.create(torch.tensor([4.0, 4.0]), torch.tensor([0.0, 20.0]), torch.tensor([0.0, 90.0]))
    objects = [Marked(7, "left half", left, False), Marked(9, "right half", right, True)]
    marks = coco_marks(objects, renderer, views, ["a.png", "b.png"])
    assert [image["file_name"] for image in marks["images"]] == ["a.png", "b.png"]
    assert all((image["width"], image["height"]) == (64, 48) for image in marks["images"])
    names = {item["id"]: item["name"] for item in marks["categories"]}
    covered = (renderer(views[0].camera()).face_ids[0] >= 0).numpy()
    both = np.zeros_like(covered, dtype=int)
    for item in marks["annotations"]:
        flat = np.repeat(np.arange(len(item["segmentation"]["counts"])) % 2, item["segmentation"]["counts"])
        mask = flat.reshape(64, 48).T.astype(bool)
        assert mask.sum() == item["area"]
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        assert item["bbox"] == [columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1]
        assert names[item["category_id"]] == ("left half" if item["object_id"] == 7 else "right half")
        assert item["asked"] == (item["object_id"] == 9)
        if item["image_id"] == 1:
            both += mask
    np.testing.assert_array_equal(both, covered)
    assert [item["id"] for item in marks["annotations"]] == list(range(1, len(marks["annotations"]) + 1))
