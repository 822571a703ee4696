"""Rectangles that are packed."""

from __future__ import annotations

import numpy as np
import pytest

from tvdrnet_nv.compat.pytorch3d.renderer.mesh.utils import Rectangle, pack_rectangles, pack_unique_rectangles


@pytest.mark.parametrize(
    ("sizes", "total"),
    [
        ([(3, 5)], {3, 5}),
        ([(3, 4), (4, 3)], {4, 6}),
        ([(2, 2), (2, 4), (2, 2)], {4}),
        ([(3, 3)] + [(1, 1)] * 4, {3, 5}),
        ([(1, 100), (5, 96), (4, 5)], {100, 6}),
        ([tuple(row) for row in np.random.default_rng(0).integers(1, 18, (40, 2)).tolist()], None),
    ],
)
def test_none_covers_another(sizes, total):
    packed = pack_rectangles(sizes)
    taken = np.zeros(packed.total_size, dtype=int)
    for (width, height), place in zip(sizes, packed.locations, strict=True):
        x, y = (height, width) if place.flipped else (width, height)
        part = taken[place.x : place.x + x, place.y : place.y + y]
        assert part.shape == (x, y)
        part += 1
        assert place.is_first
    assert taken.max() == 1
    assert taken.sum() > 0.8 * taken.size or len(sizes) < 40
    assert total is None or set(packed.total_size) == total


def test_the_same_rectangle_is_there_once():
    packed = pack_unique_rectangles([Rectangle(61, 82, i) for i in (7, 7, 9, 7, 9)])
    assert packed.total_size == (82, 122)
    assert [place.is_first for place in packed.locations] == [True, False, True, False, False]
    assert [place.y for place in packed.locations] == [61, 61, 0, 61, 0]
    assert pack_unique_rectangles([Rectangle(61, 82, 7)] * 2).total_size == (61, 82)
