"""Pictures with captions, side by side and in grids."""

from __future__ import annotations

import numpy as np
import pytest

from tvdrnet_nv.report.pictures import INK, PAPER, Panel, Scale, labelled_grid, panels, shrunk_size, side_by_side


def _is_ink(pixels: np.ndarray) -> np.ndarray:
    return (np.abs(pixels.astype(int) - PAPER).max(axis=-1) > 40) & (pixels.max(axis=-1) < 200)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3), (24, 24), (64, 300), (256, 256), (1200, 900)])
def test_captions_stay_inside_the_panel(shape: tuple[int, int]) -> None:
    image = np.full((*shape, 3), 255, dtype=np.uint8)
    fields = ["loss -1.234e-06", "D 1234.", "E -90.0°", "A -359.9°", "FoV 120.0°", "a field that is far too long " * 9]
    sheets = panels([Panel(image, "Iteration 100000 of 100000 " * 8, fields), Panel(image, "Target")])
    assert sheets[0].shape == sheets[1].shape
    width = sheets[0].shape[1]
    factor = max(1, 128 // max(shape))
    caption = sheets[0][shape[0] * factor + 1 :]
    assert len(caption) > 60
    ink = _is_ink(caption)
    assert ink.any(axis=1).sum() > 30
    assert not ink[:, :4].any()
    assert not ink[:, -4:].any()
    assert not ink[-4:].any()
    assert width >= 224
    # Nothing is written twice over: at least four lines of fields below the title, each with its own rows.
    rows = ink.any(axis=1).astype(int)
    assert (np.diff(rows) == 1).sum() >= 4


def test_tiny_pictures_are_enlarged_by_a_whole_factor() -> None:
    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    (sheet,) = panels([Panel(image, "x")])
    factor = 128 // 3
    left = (sheet.shape[1] - 3 * factor) // 2
    shown = sheet[: 2 * factor, left : left + 3 * factor]
    np.testing.assert_array_equal(shown, image.repeat(factor, axis=0).repeat(factor, axis=1))


def test_pictures_of_different_sizes_stand_side_by_side() -> None:
    page = side_by_side(
        [Panel(np.zeros((40, 2000, 3), np.uint8), "wide"), Panel(np.zeros((300, 20, 3), np.uint8), "b")], max_side=1024
    )
    assert page.shape[1] < 2200
    assert (page == 0).all(axis=2).sum() == pytest.approx(1024 * 20 + 300 * 20, rel=0.1)


def test_rows_of_pictures() -> None:
    colors = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0)]
    items = [Panel(np.full((240, 260, 3), color, np.uint8), str(i)) for i, color in enumerate(colors)]
    page = side_by_side(items, max_side=1024, across=2)
    places = [np.argwhere((page == color).all(axis=2)).mean(axis=0) for color in colors]
    assert places[0][0] == places[1][0] < places[2][0] - 240
    assert places[0][1] == places[2][1] < places[1][1] - 260
    assert all((page == color).all(axis=2).sum() == 240 * 260 for color in colors)


def test_a_scale_shows_its_colours_and_numbers_between_the_title_and_the_fields() -> None:
    image = np.zeros((256, 256, 3), dtype=np.uint8)
    colors = np.array([[0, 0, 200], [200, 0, 0]], dtype=np.uint8)
    sheets = panels([Panel(image, "Residual", ["mean 1"], Scale(colors, ["0", "1", "≥ 2"])), Panel(image, "Other")])
    assert sheets[0].shape == sheets[1].shape
    strip = [np.argwhere((sheets[0] == color).all(axis=2)) for color in colors]
    assert strip[0][:, 1].max() < strip[1][:, 1].min()
    assert strip[0][:, 0].min() > 256
    rows = _is_ink(sheets[0][strip[0][:, 0].max() + 1 :]).any(axis=1).astype(int)
    assert (np.diff(rows) == 1).sum() == 2  # the numbers and the fields
    assert not (sheets[1] == colors[1]).all(axis=2).any()


def test_the_grid_puts_pictures_in_their_rows_and_columns() -> None:
    colors = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0)]
    images = [np.full((150, 200, 3), color, dtype=np.uint8) for color in colors]
    page = labelled_grid(images, ["row 1", "row 2"], ["left", "right"], "title")
    places = [np.argwhere((page == color).all(axis=2)).mean(axis=0) for color in colors]
    assert places[0][0] == places[1][0] < places[2][0] == places[3][0]
    assert places[0][1] == places[2][1] < places[1][1] == places[3][1]
    assert all((page == color).all(axis=2).sum() == 150 * 200 for color in colors)
    assert (page == INK).all(axis=2).any()


@pytest.mark.parametrize(("size", "expected"), [((480, 640), (384, 512)), ((10, 20), (10, 20)), ((1, 9000), (1, 512))])
def test_shrunk_sizes(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert shrunk_size(*size, 512) == expected
