"""Curves over iterations as an SVG element, which takes its text's colour from the page around it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 720, 380  # of the drawing's own units
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 14, 14, 50  # margins
_SMALL, _FONT = 13, 14
_SPAN = 30.0  # a factor between positive numbers, from which the axis is logarithmic


@dataclass(frozen=True)
class Curve:
    """A curve through points.

    Attributes:
        x, y: numbers; a point that is not finite is left out.
        color: of the line and its dots, as CSS has it.
        label: in the legend; none where it is empty.
        width: of the line; 0 for dots alone.
        dots: their radius, or 0.
        dashed, faint: how it is drawn.
    """

    x: Sequence[float]
    y: Sequence[float]
    color: str
    label: str = ""
    width: float = 2.0
    dots: float = 0.0
    dashed: bool = False
    faint: bool = False

    @property
    def points(self) -> list[tuple[float, float]]:
        """The finite ones."""
        pairs = zip(map(float, self.x), map(float, self.y), strict=True)
        return [(a, b) for a, b in pairs if math.isfinite(a) and math.isfinite(b)]


def plot(curves: Sequence[Curve], *, x_label: str, y_label: str, says: str) -> str:
    """Draw curves.

    The vertical axis is logarithmic where all numbers are positive and span more than a factor of 30.

    Args:
        curves: later ones lie over earlier ones.
        x_label: of whole numbers.
        y_label: of the vertical axis.
        says: what the drawing shows, for those who do not see it.

    Returns:
        An `<svg>` element.
    """
    points = [point for curve in curves for point in curve.points]
    xs, ys = [x for x, _ in points] or [1.0], [y for _, y in points] or [0.0]
    log = bool(points) and min(ys) > 0 and max(ys) > _SPAN * min(ys)
    low, high = _padded(min(ys), max(ys), log)
    left, right = (min(xs), max(xs)) if max(xs) > min(xs) else (min(xs) - 0.5, max(xs) + 0.5)

    def across(x: float) -> float:
        return _LEFT + 8 + (x - left) / (right - left) * (_WIDTH - _LEFT - _RIGHT - 16)

    def down(y: float) -> float:
        place = math.log10 if log else float
        share = (place(y) - place(low)) / (place(high) - place(low))
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg role="img" aria-label="{escape(says, quote=True)}" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'xmlns="http://www.w3.org/2000/svg" font-family="system-ui, sans-serif" font-size="{_SMALL}">'
    ]
    end = _WIDTH - _RIGHT
    for y in _decades(low, high) if log else _steps(low, high):
        at = f"{down(y):.1f}"
        parts.append(f'<path d="M{_LEFT} {at}H{end}" stroke="currentColor" stroke-opacity=".15"/>')
        parts.append(_text(_LEFT - 8, down(y) + 4, f"{y:.6g}", "end"))
    bottom = _HEIGHT - _BOTTOM
    for x in _whole(left, right):
        parts.append(f'<path d="M{across(x):.1f} {bottom}v5" stroke="currentColor"/>')
        parts.append(_text(across(x), bottom + 20, f"{x:g}", "middle"))
    parts.append(f'<path d="M{_LEFT} {_TOP}V{bottom}H{end}" stroke="currentColor" fill="none"/>')
    parts.append(_text((_LEFT + end) / 2, _HEIGHT - 8, x_label, "middle", _FONT))
    turned = f'transform="rotate(-90 16 {(_TOP + bottom) / 2})"'
    parts.append(_text(16, (_TOP + bottom) / 2 + 4, y_label, "middle", _FONT, turned))
    for curve in curves:
        parts += _drawn(curve, [(across(x), down(y)) for x, y in curve.points])
    parts += _legend([curve for curve in curves if curve.label and curve.points], end)
    return "".join([*parts, "</svg>"])


def _drawn(curve: Curve, points: Sequence[tuple[float, float]]) -> list[str]:
    opacity = ' opacity=".45"' if curve.faint else ""
    parts = []
    if curve.width and len(points) > 1:
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dashes = ' stroke-dasharray="6 4"' if curve.dashed else ""
        parts.append(
            f'<polyline points="{way}" fill="none" stroke="{curve.color}" stroke-width="{curve.width:g}" '
            f'stroke-linejoin="round"{dashes}{opacity}/>'
        )
    radius = curve.dots or (2.5 if len(points) == 1 else 0.0)
    dots = points if radius else []
    return parts + [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{curve.color}"/>' for x, y in dots]


def _legend(curves: Sequence[Curve], end: float) -> list[str]:
    parts = []
    for row, curve in enumerate(curves):
        y = _TOP + 12 + 19 * row
        parts.append(_text(end - 34, y + 4, curve.label, "end"))
        parts += _drawn(curve, [(end - 26, y), (end - 4, y)] if curve.width else [(end - 15, y)])
    return parts


def _text(x: float, y: float, text: str, anchor: str, size: int = _SMALL, more: str = "") -> str:
    style = f'text-anchor="{anchor}" font-size="{size}" fill="currentColor"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style} {more}>{escape(text)}</text>'


def _padded(low: float, high: float, log: bool) -> tuple[float, float]:
    """A little more than the numbers' range, so that no curve lies on an axis."""
    if log:
        first, last = math.log10(low), math.log10(high)
        room = 0.06 * (last - first)
        return 10.0 ** max(first - room, -307), 10.0 ** min(last + room, 308)
    room = 0.06 * (high - low) or 0.5 * abs(high) or 0.5
    return low - room, high + room


def _steps(low: float, high: float) -> list[float]:
    """Three to eight round numbers."""
    rough = (high - low) / 8
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def _decades(low: float, high: float) -> list[float]:
    """Powers of ten, at most eight; 2 and 5 times them as well where there are fewer than three."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    every = max(1, (last - first) // 8)
    last = min(last, 308)
    wanted = [10.0**k for k in range(first, last + 1, every)]
    inside = [value for value in wanted if low <= value <= high]
    if len(inside) >= 3:
        return inside
    return [f * 10.0**k for k in range(first, last + 1) for f in (1, 2, 5) if low <= f * 10.0**k <= high]


def _whole(low: float, high: float) -> list[int]:
    """About eight whole numbers."""
    rough = max(1.0, (high - low) / 8)
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return list(range(math.ceil(low / step) * step, math.floor(high) + 1, step))
