"""A figure for a paper: pictures in rows with letters and captions, as PDF, SVG or PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tvdrnet_nv.report.pictures import Scale

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WHITE = (1.0, 1.0, 1.0)
DPI = 300  # pixels of a picture an inch: 1024 of them are a column of a paper wide
_FONT, _SMALL = 8.0, 7.0  # points
_GAP, _LINE, _BAR = 24, 46, 26  # pixels


class FigurePanel(NamedTuple):
    """A picture `uint8 [H, W, 4]` with alpha, which its colours are not multiplied by; its caption; its scale."""

    image: np.ndarray
    caption: str = ""
    scale: Scale | None = None


def write_figure(
    path: Path,
    rows: Sequence[Sequence[FigurePanel]],
    *,
    caption: str = "",
    ground: tuple[float, float, float] | None = WHITE,
) -> None:
    """Write pictures in rows, pixel for pixel in PNG, and as pictures of their own size in PDF and SVG.

    Args:
        path: its suffix says which: .pdf, .svg or .png.
        rows: the pictures; more than one get the letters (a), (b) and so on, row by row.
        caption: a text below all of them.
        ground: the colour behind what the pictures show, red, green and blue in 0..1; None leaves it out, and the
            page's paper with it.
    """
    from matplotlib import rc_context  # late: see `preload`
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    several = sum(map(len, rows)) > 1
    heights = [
        max(p.image.shape[0] + _BAR * 2 * (p.scale is not None) + _LINE * bool(several or p.caption) for p in row)
        for row in rows
    ]
    widths = [sum(panel.image.shape[1] for panel in row) + _GAP * (len(row) - 1) for row in rows]
    width = max(widths)
    lines = _wrapped(caption, width)
    height = sum(heights) + _GAP * (len(rows) - 1) + round(0.9 * _LINE * len(lines)) + (_GAP // 2 if lines else 0)
    with rc_context({"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "tvdrnet_nv"}):
        figure = Figure(figsize=((width + 1e-3) / DPI, (height + 1e-3) / DPI), dpi=DPI)
        FigureCanvasAgg(figure)
        top, letters = 0, iter(ascii_lowercase * 40)
        for row, row_height, row_width in zip(rows, heights, widths, strict=True):
            left = (width - row_width) // 2
            for panel in row:
                letter = f"({next(letters)}) " if several else ""
                _place(figure, panel, letter, (left, top), (width, height), ground)
                left += panel.image.shape[1] + _GAP
            top += row_height + _GAP
        for k, line in enumerate(lines):
            y = 1 - (top - _GAP // 2 + 0.9 * _LINE * k) / height
            figure.text(0, y, line, fontsize=_FONT, va="top", parse_math=False)
        date = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}.get(path.suffix.lower())
        kind = path.suffix.lower().removeprefix(".")
        figure.savefig(path, format=kind, dpi=DPI, transparent=ground is None, metadata=date)


def _place(
    figure: Figure,
    panel: FigurePanel,
    letter: str,
    corner: tuple[int, int],
    size: tuple[int, int],
    ground: tuple[float, float, float] | None,
) -> None:
    """One picture with its top left corner at a pixel of the page, its scale and its caption below."""
    (left, top), (width, height) = corner, size
    rows, columns = panel.image.shape[:2]

    def axes_at(x: float, y: float, w: float, h: float):
        axes = figure.add_axes((x / width, 1 - (y + h) / height, w / width, h / height))
        axes.set_axis_off()
        return axes

    image = panel.image if ground is None else _over(panel.image, ground)
    axes_at(left, top, columns, rows).imshow(image, interpolation="none", aspect="auto")
    below = top + rows
    middle = (left + columns / 2) / width
    if panel.scale is not None:
        room = 0.6 * columns
        begin = left + 0.2 * columns
        strip = axes_at(begin, below + 8, room, _BAR - 8)
        strip.imshow(panel.scale.colors[None], interpolation="none", aspect="auto")
        last = len(panel.scale.numbers) - 1
        for k, text in enumerate(panel.scale.numbers):
            at = (begin + room * k / last) / width
            place = 1 - (below + _BAR + 2) / height
            figure.text(at, place, text, fontsize=_SMALL, ha="center", va="top")
        below += 2 * _BAR
    if letter or panel.caption:
        text = letter + panel.caption
        figure.text(
            middle, 1 - (below + 6) / height, text.strip(), fontsize=_FONT, ha="center", va="top", parse_math=False
        )


def _over(image: np.ndarray, ground: tuple[float, float, float]) -> np.ndarray:
    alpha = image[..., 3:].astype(np.float32) / 255
    return (image[..., :3] * alpha + 255 * np.array(ground, np.float32) * (1 - alpha)).round().astype(np.uint8)


def _wrapped(caption: str, width: int) -> list[str]:
    """Lines that fit below pictures of a width in pixels."""
    import textwrap

    characters = max(20, int(width / (0.5 * _FONT * DPI / 72)))
    return textwrap.wrap(caption, characters)
