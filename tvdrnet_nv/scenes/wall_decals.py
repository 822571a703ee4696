"""What hangs on the walls: pictures, windows, a door."""

from __future__ import annotations

import numpy as np

from tvdrnet_nv.scenes.paints import PALETTE
from tvdrnet_nv.scenes.patches import Array, Paint

Decal = tuple[str, tuple[float, float, float, float], Paint]
"""Name, (left, bottom, width, height) in metres, paint."""


def poster(left: float, bottom: float, wide: float, tall: float, rng: np.random.Generator) -> Decal:
    """A framed picture: random discs over a random two-tone landscape."""
    sky, land, disc = PALETTE[rng.choice(7, 3, replace=False)]
    spots = rng.uniform((0.15, 0.2, 0.06), (0.85, 0.85, 0.22), (4, 3))
    slope = rng.uniform(-0.5, 0.5)

    def paint(u: Array, v: Array) -> Array:
        s, t = u / wide, v / tall
        horizon = 0.4 + slope * (s - 0.5) + 0.06 * np.sin(9 * s)
        color = np.where((t > horizon)[:, None], sky * 0.5 + 0.5, land)
        for x, y, r in spots:
            color[np.hypot(s - x, t - y) < r] = disc
        border = np.minimum.reduce([s * wide, (1 - s) * wide, t * tall, (1 - t) * tall]) < 0.05
        color[border] = (0.16, 0.13, 0.11)
        return color

    return "picture", (left, bottom, wide, tall), paint


def window(left: float, wide: float) -> Decal:
    """A bright window with a white cross and curtains at its sides."""

    def paint(u: Array, v: Array) -> Array:
        s, t = u / wide, v / 1.35
        color = np.stack([0.70 + 0.16 * t, 0.82 + 0.09 * t, 0.93 + 0.05 * t], axis=1)
        color[t < 0.25 + 0.05 * np.sin(11 * s)] = (0.50, 0.66, 0.45)
        bars = (np.abs(s - 0.5) < 0.025) | (np.abs(t - 0.6) < 0.03) | (t < 0.05) | (t > 0.95)
        color[bars] = (0.97, 0.97, 0.95)
        curtain = np.abs(s - 0.5) > 0.38
        folds = 0.85 + 0.15 * np.sin(2 * np.pi * s[curtain] / 0.05)
        color[curtain] = np.array([0.80, 0.60, 0.42]) * folds[:, None]
        return color

    return "window", (left, 0.85, wide, 1.35), paint


def door(left: float, rng: np.random.Generator) -> Decal:
    """A wooden door with two panels and a handle."""
    tone = np.array([0.50, 0.34, 0.22]) * rng.uniform(0.9, 1.2)

    def paint(u: Array, v: Array) -> Array:
        s, t = u / 0.9, v / 2.05
        panel = (np.abs(s - 0.5) < 0.32) & (np.abs(np.abs(t - 0.52) - 0.24) < 0.17)
        color = np.where(panel[:, None], tone * 0.78, tone)
        color[(s < 0.06) | (s > 0.94) | (t > 0.97)] = tone * 0.6
        color[np.hypot((s - 0.86) * 0.9, (t - 0.48) * 2.05) < 0.05] = (0.85, 0.75, 0.40)
        return color

    return "door", (left, 0.0, 0.9, 2.05), paint
