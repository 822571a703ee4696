"""How well colours, sizes and superlatives fit things."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tvdrnet_nv.grounding.colors import match
from tvdrnet_nv.grounding.relations import Places
from tvdrnet_nv.grounding.things import Thing

_FLOOR = 0.1
_FULL = 0.5  # the share of its surface from which on a thing has a colour without doubt


def color_factor(shares: dict[str, float], word: str) -> float:
    """How well a thing has a colour, 0.1..1."""
    return _FLOOR + (1 - _FLOOR) * min(1.0, match(shares, word) / _FULL)


def size_factor(word: str, items: Sequence[Thing], scores: np.ndarray) -> np.ndarray:
    """[N] in 0.5..1: a large thing is larger than the others that the noun names."""
    live = np.flatnonzero(scores >= 0.5 * scores.max(initial=0.0))
    values = np.array([measure(word, item) for item in items])
    factor = np.ones(len(items))
    if len(live) > 1:
        order = live[np.argsort(values[live], kind="stable")]
        factor[order] = np.linspace(0.5, 1.0, len(order))
    return factor


def chosen(word: str, rank: int, items: Sequence[Thing], scores: np.ndarray, places: Places) -> np.ndarray:
    """[N]: 1 for the thing of a superlative's rank among those that fit so far, less for the others."""
    live = [int(i) for i in np.flatnonzero(scores >= 0.5 * scores.max(initial=0.0))]
    factor = np.ones(len(items))
    if len(live) < 2:
        return factor
    if word in ("left", "right", "middle"):
        sides = {i: places.side(i, live) for i in live}
        if word == "middle":
            middle = float(np.median(list(sides.values())))
            values = {i: -abs(side - middle) for i, side in sides.items()}
        else:
            values = {i: side if word == "right" else -side for i, side in sides.items()}
    else:
        values = {i: measure(word, items[i]) for i in live}
    order = sorted(live, key=lambda i: -values[i])
    for place, i in enumerate(order):
        factor[i] = 1.0 if place + 1 == rank else 0.7 ** abs(place + 1 - rank)
    return factor


def measure(word: str, thing: Thing) -> float:
    """What is compared for a word of `phrase.SIZES`: the greater, the better it fits."""
    width, depth, height = thing.size
    return {
        "large": thing.extent,
        "small": -thing.extent,
        "tall": height,
        "low": -height,
        "long": max(width, depth),
        "wide": max(width, depth),
        "narrow": -max(width, depth),
        "high": thing.center[2],
        "deep": -thing.center[2],
    }.get(word, 0.0)
