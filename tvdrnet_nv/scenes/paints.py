"""Colours, and paints made of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tvdrnet_nv.scenes.patches import Array, Paint

Color = Sequence[float] | Array
WOOD, DARK_WOOD, STEEL, BLACK, CREAM = (
    (0.72, 0.52, 0.33),
    (0.42, 0.28, 0.18),
    (0.62, 0.64, 0.66),
    (0.13, 0.13, 0.15),
    (0.90, 0.87, 0.80),
)
PALETTE = np.array(
    [
        (0.80, 0.25, 0.20),
        (0.16, 0.42, 0.66),
        (0.93, 0.72, 0.22),
        (0.24, 0.55, 0.36),
        (0.86, 0.50, 0.24),
        (0.52, 0.33, 0.60),
        (0.18, 0.60, 0.62),
        (0.90, 0.88, 0.82),
        (0.28, 0.30, 0.36),
        (0.80, 0.46, 0.52),
    ]
)


def plain(color: Sequence[float] | Array) -> Paint:
    """One colour."""
    rgb = np.asarray(color, dtype=np.float32)
    return lambda u, v: np.broadcast_to(rgb, (len(u), 3))


def grain(color: Color, across: float = 0.09) -> Paint:
    """Wood: streaks along u, their width `across` metres."""
    rgb = np.asarray(color, dtype=np.float32)

    def paint(u: Array, v: Array) -> Array:
        streak = np.sin(2 * np.pi * v / across + 1.3 * np.sin(2.1 * u)) * np.sin(7 * v / across + 3 * u)
        return rgb * (1 + 0.12 * streak[:, None])

    return paint


def stripes(colors: Array, width: float) -> Paint:
    """Bands across u, each `width` metres."""
    return lambda u, v: colors[np.floor(u / width).astype(int) % len(colors)]
