"""The comparison of a found view with its target."""

from __future__ import annotations

import numpy as np
import pytest

from tvdrnet_nv.report.comparison import MAX_SIDE, at_size, comparison, mask_at_size, residual
from tvdrnet_nv.report.pictures import Panel

GREY = np.full((160, 240, 3), 100, dtype=np.uint8)


def test_the_target_is_averaged_down_and_interpolated_up() -> None:
    target = np.zeros((4, 6, 3), dtype=np.float32)
    target[:, 3:] = 2.0
    np.testing.assert_array_equal(at_size(target, 4, 6), np.clip(target, 0, 1).astype(np.uint8) * 255)
    np.testing.assert_array_equal(at_size(target, 2, 2)[:, :, 0], [[0, 255], [0, 255]])
    assert at_size(target, 8, 12).shape == (8, 12, 3)


def test_the_page_has_six_pictures() -> None:
    target = GREY.copy()
    target[:80, :120] = (200, 0, 0)
    page = comparison([Panel(GREY, "Initial"), Panel(GREY, "Found"), Panel(target, "Target")], GREY, target)
    shown = {color: int((page == color).all(axis=2).sum()) for color in [(100,) * 3, (200, 0, 0), (150, 50, 50)]}
    quarter, whole = 80 * 120, 160 * 240
    assert shown[150, 50, 50] == quarter  # the overlay is the mean of both
    assert quarter < shown[200, 0, 0] < 2 * quarter  # the target, and its tiles
    assert shown[200, 0, 0] + shown[100, 100, 100] == 3 * whole + (whole - quarter) + whole
    assert page.shape[1] < 3 * 240 + 60


def test_the_residual_has_the_colours_of_its_scale() -> None:
    target = GREY.copy()
    target[:40] = (100, 130, 130)  # 20/255 on average
    target[0, 0] = 255
    panel = residual(GREY, target)
    assert panel.scale is not None
    assert list(panel.scale.numbers) == ["0", "0.05", "≥ 0.1"]
    assert panel.fields == ["mean 0.02", "99 % below 0.078", "largest 0.61"]
    for value, place in ((0.0, (100, 100)), (20 / 255, (10, 100)), (0.1, (0, 0))):
        expected = panel.scale.colors[round(value / 0.1 * 255)]
        np.testing.assert_array_equal(panel.image[place], expected)


def test_a_residual_of_rounding_stays_dark() -> None:
    panel = residual(GREY, GREY + 1)
    assert panel.scale is not None
    assert list(panel.scale.numbers) == ["0", "0.01", "0.02"]
    assert panel.image.mean() < 64
    assert residual(GREY, GREY).image.max() < 10


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 200), (900, 1200)])
def test_any_size(height: int, width: int) -> None:
    rng = np.random.default_rng(0)
    found, target = rng.integers(0, 256, (2, height, width, 3), dtype=np.uint8)
    page = comparison([Panel(found, "a"), Panel(found, "b"), Panel(target, "c")], found, target)
    assert page.shape[1] < 3 * MAX_SIDE + 60


def test_masked_pixels_are_hatched_and_not_counted() -> None:
    target = GREY.copy()
    target[:, :60] = 255
    counts = np.ones((160, 240), bool)
    counts[:, :60] = False
    panel = residual(GREY, target, counts)
    assert panel.fields == ["mean 0", "99 % below 0", "largest 0", "hatched: masked"]
    masked = panel.image[:, :60].reshape(-1, 3)
    assert {tuple(color) for color in masked.tolist()} == {(120, 120, 120), (175, 175, 175)}
    assert (panel.image[:, 60:] == residual(GREY, GREY).image[0, 0]).all()
    whole = residual(GREY, target, np.ones((160, 240), bool))
    assert "hatched: masked" not in whole.fields
    np.testing.assert_array_equal(whole.image, residual(GREY, target).image)


def test_a_mask_counts_by_half() -> None:
    assert mask_at_size(np.array([[1.0, 0, 0.6, 0.4]]), 1, 4).tolist() == [[True, False, True, False]]
    assert mask_at_size(np.array([[1.0, 0, 0.6, 0.3]]), 1, 2).tolist() == [[True, False]]
