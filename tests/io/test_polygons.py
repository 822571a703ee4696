"""Polygons into triangles: the same area, and each triangle's polygon and corners."""

from __future__ import annotations

import numpy as np
import pytest

from tvdrnet_nv.io._polygons import triangulate

U = np.array([[0, 0, 0], [4, 0, 0], [4, 3, 0], [3, 3, 0], [3, 1, 0], [1, 1, 0], [1, 3, 0], [0, 3, 0]], dtype=float)
TURN = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]


def area(vertices: np.ndarray, triangles: np.ndarray) -> float:
    a, b, c = vertices[triangles].transpose(1, 0, 2)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


@pytest.mark.parametrize("first", range(8))
@pytest.mark.parametrize("reverse", [False, True])
def test_a_concave_polygon_from_any_corner_and_in_any_plane(first: int, reverse: bool) -> None:
    order = np.roll(np.arange(8), first)[:: -1 if reverse else 1]
    triangles, polygon, corners = triangulate(U @ TURN.T + 1000, [order])
    assert area(U, triangles) == pytest.approx(8)
    assert len(triangles) == 6
    assert (polygon == 0).all()
    assert np.array_equal(order[corners], triangles)
    # The sense of rotation is the polygon's.
    a, b, c = U[triangles].transpose(1, 0, 2)
    assert (np.cross(b - a, c - a)[:, 2] * (-1 if reverse else 1) >= 0).all()


@pytest.mark.parametrize("first", range(4))
def test_a_quad_with_a_notch(first: int) -> None:
    arrow = np.array([[0, 0, 0], [2, 1, 0], [0, 2, 0], [0.5, 1, 0]])
    triangles, _, _ = triangulate(arrow, np.roll(np.arange(4), first)[None])
    assert area(arrow, triangles) == pytest.approx(1.5)


def test_corners_that_repeat_or_lie_on_a_line() -> None:
    square = np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0], [2, 2, 0], [2, 2, 0], [0, 2, 0]], dtype=float)
    triangles, _, _ = triangulate(square, [np.arange(6)])
    assert area(square, triangles) == pytest.approx(4)
    triangles, _, _ = triangulate(square, [np.array([0, 2, 2, 3])])
    assert triangles.tolist() == [[0, 2, 3]]  # and none that has a vertex twice


def test_a_hole_that_a_seam_joins_to_the_outline() -> None:
    outline = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0), (1, 1), (1, 3), (3, 3), (3, 1), (1, 1)]
    points = np.array([(x, y, 0) for x, y in outline], dtype=float)
    assert area(points, triangulate(points, [np.arange(10)])[0]) == pytest.approx(12)


def test_star_shaped_polygons() -> None:
    g = np.random.default_rng(0)
    for _ in range(50):
        angles = np.linspace(0, 2 * np.pi, g.integers(4, 40), endpoint=False)
        radii = g.uniform(0.1, 1, len(angles))
        flat = np.stack([radii * np.cos(angles), radii * np.sin(angles), 0 * radii], axis=1)
        x, y = flat[:, 0], flat[:, 1]
        expected = abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)
        assert area(flat @ TURN.T, triangulate(flat @ TURN.T, [np.arange(len(x))])[0]) == pytest.approx(expected)


def test_mixed_sizes_keep_their_order_in_each_form() -> None:
    lists = [np.array([0, 1, 2]), np.array([3, 4]), np.arange(8), np.array([4, 5, 6, 7])]
    triangles, polygon, corners = triangulate(U, lists)
    assert polygon.tolist() == [0, *[2] * 6, *[3] * 2]
    counts, flat = np.array([3, 2, 8, 4]), np.concatenate(lists)
    for again, expected in zip(triangulate(U, (counts, flat)), (triangles, polygon, corners), strict=True):
        assert np.array_equal(again, expected)
    boxed = np.empty(4, dtype=object)
    boxed[:] = lists
    assert np.array_equal(triangulate(U, boxed)[0], triangles)
    assert [len(part) for part in triangulate(U, [])] == [0, 0, 0]


def test_small_and_large_polygons_that_average_three_corners() -> None:
    triangles, polygon, _ = triangulate(U, [np.array([0, 1]), np.array([0, 1, 2, 7])])
    assert triangles.tolist() == [[0, 1, 2], [0, 2, 7]]
    assert polygon.tolist() == [1, 1]


def test_what_cannot_be_used_stays_a_fan_for_the_checks_that_follow() -> None:
    points = U.copy()
    points[3] = np.nan
    assert len(triangulate(points, [np.arange(8)])[0]) == 6
    assert triangulate(U, [np.array([0, 1, 99, 3])])[0].max() == 99
    assert len(triangulate(U * 0, [np.arange(8)])[0]) == 6
