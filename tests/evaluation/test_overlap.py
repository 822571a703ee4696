"""Overlaps of masks and boxes, and classes, by hand and by what must hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tvdrnet_nv.evaluation import box_corners, box_iou, box_of_points, class_ious, confusion, mask_iou


def test_masks_by_hand() -> None:
    truth = np.array([1, 1, 1, 0, 0], bool)
    found = np.array([0, 1, 1, 1, 0], bool)
    assert mask_iou(truth, found) == 2 / 4
    assert mask_iou(truth, truth) == 1
    assert mask_iou(truth, ~truth) == 0
    assert mask_iou(~(truth | True), ~(truth | True)) == 0  # nothing found of nothing
    with pytest.raises(ValueError, match="different shapes"):
        mask_iou(truth, found[:4])


def test_boxes_by_hand() -> None:
    # Cubes of side 2, shifted by 1 along x: common 1·2·2 = 4, union 8 + 8 - 4 = 12.
    a = np.array([[0, 0, 0], [2, 2, 2.0]])
    assert box_iou(a, a + np.array([1, 0, 0])) == 4 / 12
    # Shifted by 1 along all axes: 1 of 15. Within: 1 of 8. Apart on one axis only: 0.
    assert box_iou(a, a + 1) == 1 / 15
    assert box_iou(a, a / 2) == 1 / 8
    assert box_iou(a, a + np.array([0, 0, 5])) == 0
    flat = np.array([[0, 0, 0], [2, 2, 0.0]])
    assert box_iou(flat, flat) == 0  # no volume


def test_a_box_and_its_corners() -> None:
    box = np.array([[0, -1, 2], [3, 1, 2.5]])
    corners = box_corners(box)
    assert corners.shape == (8, 3)
    assert len({tuple(corner) for corner in corners.tolist()}) == 8
    np.testing.assert_array_equal(box_of_points(corners), box)
    np.testing.assert_array_equal(box_of_points(np.vstack([corners, [[np.nan] * 3]])), box)
    assert box_of_points(np.empty((0, 3))) is None


BOXES = hnp.arrays(np.float64, (2, 3), elements=st.floats(-10, 10)).map(lambda x: np.sort(x, axis=0))


@settings(max_examples=60, deadline=None)
@given(BOXES, BOXES, st.floats(-5, 5))
def test_the_overlap_of_boxes_is_symmetric_and_does_not_depend_on_the_place(
    a: np.ndarray, b: np.ndarray, shift: float
) -> None:
    found = box_iou(a, b)
    assert 0 <= found <= 1 + 1e-9
    assert found == box_iou(b, a)
    flipped = [-box[::-1] for box in (a, b)]
    assert box_iou(*flipped) == pytest.approx(found, abs=1e-12)
    if min(np.prod(box[1] - box[0]) for box in (a, b)) > 1e-3:
        assert box_iou(a + shift, b + shift) == pytest.approx(found, abs=1e-6)


def test_classes_by_hand() -> None:
    # Classes 3 and 5 count. Vertices:    3 right, 3 taken for 5, 3 taken for 9, 5 right, 9 taken for 3 (left out)
    truth, found = np.array([3, 3, 3, 5, 9]), np.array([3, 5, 9, 5, 3])
    counts = confusion(truth, found, [3, 5, 7])
    np.testing.assert_array_equal(counts, [[1, 1, 0, 1], [0, 1, 0, 0], [0, 0, 0, 0]])
    # Class 3: 1 right, 2 missed, none wrong: 1/3. Class 5: 1 right, 1 wrong: 1/2. Class 7 is nowhere.
    np.testing.assert_array_equal(class_ious(counts), [1 / 3, 1 / 2, np.nan])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=40))
def test_counted_classes_agree_with_masks(rows: list[tuple[int, int]]) -> None:
    labels = [1, 2, 4]
    truth = np.array([t for t, _ in rows], np.int64)
    found = np.array([f for _, f in rows], np.int64)
    ious = class_ious(confusion(truth, found, labels))
    valid = np.isin(truth, labels)
    for label, iou in zip(labels, ious, strict=True):
        there = ((truth == label) | (found == label)) & valid
        if there.any():
            assert iou == pytest.approx(mask_iou((truth == label)[valid], (found == label)[valid]))
        else:
            assert np.isnan(iou)
