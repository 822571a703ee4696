"""Curves as SVG."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from tvdrnet_nv.showing import Curve, plot

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*curves: Curve) -> ElementTree.Element:
    return ElementTree.fromstring(plot(curves, x_label="x & y", y_label="loss", says='it "falls"'))


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def points(root: ElementTree.Element) -> list[list[tuple[float, float]]]:
    lines = [element.attrib["points"] for element in root.iter(f"{SVG}polyline")]
    return [[tuple(map(float, pair.split(","))) for pair in line.split()] for line in lines]  # type: ignore[misc]


def test_a_curve_falls_where_its_numbers_do() -> None:
    root = drawn(Curve([1, 2, 3], [3.0, 2.0, 1.0], "#123456", "the loss"))
    assert root.attrib["aria-label"] == 'it "falls"'
    way, legend = points(root)
    assert [x for x, _ in way] == sorted(x for x, _ in way)
    assert way[1][1] - way[0][1] == pytest.approx(way[2][1] - way[1][1], abs=0.2)
    assert way[0][1] < way[1][1]
    assert len(legend) == 2
    assert {"x & y", "loss", "the loss", "1", "2", "3"} <= set(texts(root))


def test_a_wide_range_is_logarithmic() -> None:
    root = drawn(Curve([1, 2, 3], [1.0, 1e-2, 1e-4], "red"))
    (way,) = points(root)
    assert way[1][1] - way[0][1] == pytest.approx(way[2][1] - way[1][1], abs=0.2)
    assert {"1", "0.01", "0.0001"} <= set(texts(root))
    # Of a narrow one, more than powers of ten are named; of a very wide one, not all.
    assert {"0.5", "2"} <= set(texts(drawn(Curve([1, 2], [3.0, 0.05], "red"))))
    ticks = [text for text in texts(drawn(Curve([1, 2], [1e-30, 1.0], "red"))) if re.match(r"[\d.e-]+$", text)]
    assert len(ticks) < 16


@pytest.mark.parametrize(
    "y", [[], [1.0], [math.nan, 2.0, math.inf], [0.0, 0.0], [-1.0, 1e9], [5.0, 5.0], [1e-300, 1e300]]
)
def test_any_numbers_make_a_drawing(y: list[float]) -> None:
    root = drawn(Curve(range(1, len(y) + 1), y, "red", "a", dots=2))
    places = [float(value) for element in root.iter() for name, value in element.attrib.items() if name in ("x", "cy")]
    assert places
    assert all(math.isfinite(place) for place in places)
    assert len(list(root.iter(f"{SVG}circle"))) >= sum(map(math.isfinite, y))
