"""Pieces of HTML that look well in a notebook's light and dark themes: they have no colours of their own."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape

import numpy as np

from tvdrnet_nv.showing.images import png


def facts_table(title: str, facts: Mapping[str, str]) -> str:
    """A title, and names and values in two columns below it."""
    cell = 'style="text-align: left; padding: 1px 12px 1px 0"'
    rows = "".join(f"<tr><td {cell}>{escape(k)}</td><td {cell}>{escape(v)}</td></tr>" for k, v in facts.items())
    return f"<div><b>{escape(title)}</b><table>{rows}</table></div>"


def picture(image: np.ndarray, says: str) -> str:
    """A picture `uint8 [H, W, 3]` within the text; nothing where Pillow is not installed."""
    content = png(image)
    if content is None:
        return ""
    data = base64.b64encode(content).decode("ascii")
    height, width = image.shape[:2]
    style = "max-width: 100%; height: auto"
    size = f'width="{width}" height="{height}"'
    return f'<img {size} style="{style}" alt="{escape(says, quote=True)}" src="data:image/png;base64,{data}">'
