"""Pictures with captions: panels, panels side by side, a labelled grid. All `uint8 [H, W, 3]`, row 0 at the top."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PAPER = (246, 246, 247)
INK = (32, 33, 36)
FAINT = (112, 116, 122)
LINE = (218, 220, 224)

MIN_PANEL_WIDTH = 224  # pixels; a caption is legible in this width
MIN_LONG_SIDE = 128  # pixels; smaller pictures are shown enlarged
GAP = 12


class Scale(NamedTuple):
    """What the colours of a picture mean: `colors`, uint8 [N, 3], and the numbers at their ends and between, evenly."""

    colors: np.ndarray
    numbers: Sequence[str]


class Panel(NamedTuple):
    """A picture and what stands below it.

    A title, the scale of its colours where it has one, and fields that are wrapped between, never within, themselves.
    """

    image: np.ndarray
    title: str
    fields: Sequence[str] = ()
    scale: Scale | None = None


def panels(items: Sequence[Panel]) -> list[np.ndarray]:
    """Each picture on paper with its caption below.

    All results have one size, so that they make an animation or a row; tiny pictures are enlarged by a whole factor
    and centred in a width that holds a caption.

    Args:
        items: pictures `uint8 [H, W, 3]`, of any sizes.

    Returns:
        As many `uint8 [H', W', 3]`.
    """
    images = [_enlarged(Image.fromarray(item.image)) for item in items]
    picture_height = max(image.height for image in images)
    width = max(MIN_PANEL_WIDTH, *(image.width for image in images))
    size = min(max(width // 26, 11), 30)
    margin = size // 2
    room = width - 2 * margin
    captions = [
        (_fit(item.title, _font("bold", size), room), _wrapped(item.fields, _font("plain", size), room))
        for item in items
    ]
    line = round(1.45 * size)
    rows = [1 + len(lines) + 2 * (item.scale is not None) for item, (_, lines) in zip(items, captions, strict=True)]
    height = picture_height + 2 * margin + line * max(rows)
    result = []
    for item, image, (title, lines) in zip(items, images, captions, strict=True):
        sheet = Image.new("RGB", (width, height), PAPER)
        sheet.paste(image, ((width - image.width) // 2, (picture_height - image.height) // 2))
        draw = ImageDraw.Draw(sheet)
        draw.line([(0, picture_height), (width, picture_height)], fill=LINE)
        y = picture_height + margin
        draw.text((margin, y), title, fill=INK, font=_font("bold", size))
        if item.scale is not None:
            _draw_scale(sheet, item.scale, (margin, y + line), (room, line), _font("plain", size))
            y += 2 * line
        for text in lines:
            y += line
            draw.text((margin, y), text, fill=FAINT, font=_font("plain", size))
        result.append(np.asarray(sheet))
    return result


def side_by_side(items: Sequence[Panel], *, max_side: int, across: int | None = None) -> np.ndarray:
    """Captioned pictures in rows, each shown with its longer side at most `max_side` pixels.

    Args:
        items: the pictures, row by row.
        max_side: pixels.
        across: how many stand in a row; by default all.
    """
    across = across or len(items)
    shown = [item._replace(image=shrunk(item.image, max_side)) for item in items]
    rows = [panels(shown[first : first + across]) for first in range(0, len(shown), across)]
    width = max(row[0].shape[1] for row in rows)
    heights = [row[0].shape[0] for row in rows]
    page = Image.new("RGB", ((width + GAP) * across + GAP, sum(heights) + GAP * (len(rows) + 1)), PAPER)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for i, sheet in enumerate(row):
            page.paste(Image.fromarray(sheet), (GAP + i * (width + GAP), top))
        top += height + GAP
    return np.asarray(page)


def labelled_grid(images: Sequence[np.ndarray], rows: Sequence[str], columns: Sequence[str], title: str) -> np.ndarray:
    """Pictures of one size in `len(rows)` × `len(columns)`, row by row, with labels at the left and above."""
    cells = [_enlarged(Image.fromarray(image)) for image in images]
    width, height = cells[0].size
    size = min(max(width // 14, 12), 24)
    plain, bold = _font("plain", size), _font("bold", size)
    left = round(max(plain.getlength(label) for label in rows)) + 2 * GAP
    # A column is as wide as its label needs, so that labels over tiny pictures do not run into each other.
    step = max(width, round(max(plain.getlength(label) for label in columns))) + GAP
    pitch = max(height, round(1.2 * size)) + GAP
    total = left + step * len(columns)
    head = 2 * GAP + round(1.4 * size)
    top = head + round(1.6 * size)
    page = Image.new("RGB", (total, top + pitch * len(rows)), PAPER)
    draw = ImageDraw.Draw(page)
    draw.text((GAP, GAP), _fit(title, bold, total - 2 * GAP), fill=INK, font=bold)
    for c, label in enumerate(columns):
        draw.text((left + c * step + (step - GAP) / 2, head), label, fill=FAINT, font=plain, anchor="ma")
    for r, label in enumerate(rows):
        draw.text((left - GAP, top + r * pitch + (pitch - GAP) / 2), label, fill=FAINT, font=plain, anchor="rm")
        for c in range(len(columns)):
            place = left + c * step + (step - GAP - width) // 2, top + r * pitch + (pitch - GAP - height) // 2
            page.paste(cells[r * len(columns) + c], place)
    return np.asarray(page)


def shrunk(image: np.ndarray, max_side: int) -> np.ndarray:
    """The picture, made smaller when its longer side exceeds `max_side` pixels."""
    height, width = shrunk_size(image.shape[0], image.shape[1], max_side)
    if (height, width) == image.shape[:2]:
        return image
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS))


def shrunk_size(height: int, width: int, max_side: int) -> tuple[int, int]:
    """(height, width) scaled, shape kept, so that neither exceeds `max_side`."""
    factor = min(1.0, max_side / max(height, width))
    return max(1, round(height * factor)), max(1, round(width * factor))


def write_png(path: Path, image: np.ndarray) -> None:
    """Writes `uint8 [H, W, 3]`, or `[H, W, 4]` with alpha, as PNG."""
    Image.fromarray(image).save(path, format="PNG")


def _enlarged(image: Image.Image) -> Image.Image:
    factor = max(1, MIN_LONG_SIDE // max(image.size))
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)


def _draw_scale(
    sheet: Image.Image, scale: Scale, at: tuple[int, int], size: tuple[int, int], font: ImageFont.FreeTypeFont
) -> None:
    """A strip of the colours, and the numbers below it."""
    (left, top), (width, line) = at, size
    colors = scale.colors[np.linspace(0, len(scale.colors) - 1, width).round().astype(int)]
    sheet.paste(Image.fromarray(np.repeat(colors[None], round(0.7 * line), axis=0)), (left, top + round(0.2 * line)))
    draw = ImageDraw.Draw(sheet)
    last = len(scale.numbers) - 1
    for i, text in enumerate(scale.numbers):
        anchor = "la" if i == 0 else "ra" if i == last else "ma"
        draw.text((left + width * i / last, top + line), text, fill=FAINT, font=font, anchor=anchor)


def _wrapped(fields: Sequence[str], font: ImageFont.FreeTypeFont, room: float) -> list[str]:
    lines: list[str] = []
    for field in (_fit(field, font, room) for field in fields):
        joined = f"{lines[-1]}   {field}" if lines else field
        if lines and font.getlength(joined) <= room:
            lines[-1] = joined
        else:
            lines.append(field)
    return lines


def _fit(text: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text + "…"


@cache
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    # matplotlib carries DejaVu wherever it is installed: digits of equal width, and the degree sign. It is found, not
    # imported, which takes a fifth of a second.
    name = {"plain": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}[weight]
    package = find_spec("matplotlib")
    assert package is not None
    assert package.origin is not None
    return ImageFont.truetype(Path(package.origin).parent / "mpl-data" / "fonts" / "ttf" / name, size)
