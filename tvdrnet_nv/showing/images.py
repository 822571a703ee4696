"""Pictures as bytes of a PNG file."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np

_GAP = 4  # pixels between pictures of a sheet
_PAPER = 255


def png(image: np.ndarray) -> bytes | None:
    """The PNG file of a picture, `uint8 [H, W, 3]` or with alpha [H, W, 4]; None where Pillow is not installed."""
    try:
        from PIL import Image
    except ModuleNotFoundError:
        return None
    content = io.BytesIO()
    Image.fromarray(image).save(content, "PNG")
    return content.getvalue()


def contact_sheet(images: Sequence[np.ndarray], across: int = 4) -> np.ndarray:
    """Pictures of one size `uint8 [H, W, 3]` in rows, on white.

    Args:
        images: at least one.
        across: how many stand in a row.
    """
    height, width = images[0].shape[:2]
    columns, rows = min(across, len(images)), -(-len(images) // across)
    size = rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, 3
    sheet = np.full(size, _PAPER, np.uint8)
    for k, image in enumerate(images):
        top, left = k // across * (height + _GAP), k % across * (width + _GAP)
        sheet[top : top + height, left : left + width] = image
    return sheet
