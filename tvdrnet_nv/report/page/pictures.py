"""Pictures within a page: as data, with captions, scales and a slider between two of them."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from PIL import Image

from tvdrnet_nv.report.pictures import Panel, Scale, shrunk

MAX_SIDE = 1024  # pixels; a page with larger pictures is no fun on a phone
_EXACT = 300 * 300  # pixels up to which a picture is kept without loss
_QUALITY = 92
_TINY = 160  # pixels, below which a picture is shown with its pixels as squares
_STOPS = 16  # of a scale's colours


def data_uri(image: np.ndarray) -> str:
    """A picture `uint8 [H, W, 3]`: a small one as PNG, otherwise as JPEG without subsampled colours."""
    picture, content = Image.fromarray(image), io.BytesIO()
    if image.shape[0] * image.shape[1] <= _EXACT:
        kind = "png"
        picture.save(content, "PNG")
    else:
        kind = "jpeg"
        picture.save(content, "JPEG", quality=_QUALITY, subsampling=0)
    return f"data:image/{kind};base64,{base64.b64encode(content.getvalue()).decode('ascii')}"


def image(picture: np.ndarray, alt: str, style: str = "") -> str:
    """One picture, `uint8 [H, W, 3]`, shown smaller where a side exceeds 1024 pixels; `alt` says what it shows."""
    shown = shrunk(picture, MAX_SIDE)
    height, width = shown.shape[:2]
    names = " ".join(name for name in (style, "tiny" if max(height, width) < _TINY else "") if name)
    return (
        f'<img src="{data_uri(shown)}" width="{width}" height="{height}" '
        f'alt="{escape(alt, quote=True)}"{f" class={chr(34)}{names}{chr(34)}" if names else ""}>'
    )


def figure(panel: Panel) -> str:
    """A picture with its caption below."""
    return f"<figure>{image(panel.image, panel.title)}{_caption(panel)}</figure>"


def grid(panels: Iterable[Panel], *, small: bool = False) -> str:
    """Captioned pictures, as many beside each other as there is room for; nothing where there are none."""
    figures = "".join(figure(panel) for panel in panels)
    return f'<div class="grid{" small" if small else ""}">{figures}</div>' if figures else ""


def slider(left: Panel, right: Panel) -> str:
    """Two pictures of one size, one over the other, with a border between them that is dragged or moved by keys."""
    first = image(left.image, left.title, "over")
    second = image(right.image, right.title)
    label = escape(f"Border between {left.title} at the left and {right.title} at the right, in per cent", quote=True)
    entry = f'<input type="range" min="0" max="100" value="50" step="0.5" aria-label="{label}">'
    ends = f"<div><b>{escape(left.title)}</b>{_fields(left.fields)}</div>"
    ends += f"<div><b>{escape(right.title)}</b>{_fields(right.fields)}</div>"
    return (
        f'<figure class="compare"><div class="stage">{second}{first}<i aria-hidden="true"></i>{entry}</div>'
        f'<figcaption><div class="ends">{ends}</div></figcaption></figure>'
    )


def _caption(panel: Panel) -> str:
    scale = "" if panel.scale is None else _scale(panel.scale)
    return f"<figcaption><b>{escape(panel.title)}</b>{scale}{_fields(panel.fields)}</figcaption>"


def _fields(fields: Sequence[str]) -> str:
    return "".join(f"<span>{escape(field)}</span>" for field in fields)


def _scale(scale: Scale) -> str:
    """A strip of the colours, and the numbers below it."""
    chosen = scale.colors[np.linspace(0, len(scale.colors) - 1, _STOPS).round().astype(int)]
    stops = ", ".join(f"rgb({r}, {g}, {b})" for r, g, b in chosen.tolist())
    numbers = "".join(f"<span>{escape(text)}</span>" for text in scale.numbers)
    return f'<div class="scale"><div style="background: linear-gradient(90deg, {stops})"></div><p>{numbers}</p></div>'
