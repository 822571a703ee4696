"""What is behind the scene in a picture, as a job's field says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tvdrnet_nv.errors import InputError

TRANSPARENT = "transparent"
WHITE = (1.0, 1.0, 1.0)
_NAMED = {"white": WHITE, "black": (0.0, 0.0, 0.0), "grey": (0.5, 0.5, 0.5), "gray": (0.5, 0.5, 0.5)}

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
