"""What is behind the scene in a picture, as a job's field says it, or the picture itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from tvdrnet_nv.errors import InputError

TRANSPARENT = "transparent"
WHITE = (1.0, 1.0, 1.0)
_NAMED = {"white": WHITE, "black": (0.0, 0.0, 0.0), "grey": (0.5, 0.5, 0.5), "gray": (0.5, 0.5, 0.5)}

_BORDER = 0.15  # share of a picture's border, at least, in one and the same colour, which no photograph has

Background = tuple[float, float, float] | Literal["transparent"]


def parse_background(value: str | Sequence[float]) -> Background:
    """ "white", "black", "grey", "transparent", or red, green and blue in 0..1: three numbers, or text with commas or
    spaces between them.

    Raises:
        InputError: something else.
    """
    if value == TRANSPARENT:
        return TRANSPARENT
    if isinstance(value, str) and value in _NAMED:
        return _NAMED[value]
    given = value if isinstance(value, str) else ",".join(map(str, value))
    try:
        red, green, blue = (float(part) for part in given.replace(",", " ").split())
    except ValueError:
        raise InputError(
            f"`background` {given}: wanted white, black, grey, transparent, or red, green and blue such as 0.2,0.2,0.3"
        ) from None
    if not all(0 <= part <= 1 for part in (red, green, blue)):
        raise InputError(f"`background` {given}: wanted red, green and blue from 0 to 1")
    return red, green, blue


def background_of(picture: np.ndarray) -> tuple[float, float, float] | None:
    """The colour that a render has behind its scene: the commonest of the pixels along its border.

    None where no colour is that of 15 % of them, to the last of 8 bits: the picture is a photograph, or shows no
    background. Parts of a photograph that are too bright or too dark are white or black.

    Args:
        picture: float32 `[H, W, 3]` in 0..1.
    """
    levels = (picture * 255).round().astype(np.uint8)
    border = np.concatenate([levels[0], levels[-1], levels[1:-1, 0], levels[1:-1, -1]])
    colours, counts = np.unique(border, axis=0, return_counts=True)
    most = counts.argmax()
    if counts[most] < _BORDER * len(border):
        return None
    red, green, blue = (float(level) / 255 for level in colours[most])
    return red, green, blue
