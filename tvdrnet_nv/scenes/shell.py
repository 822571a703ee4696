"""The room's floor and walls."""

from __future__ import annotations

import numpy as np

from tvdrnet_nv.scenes.builder import Builder
from tvdrnet_nv.scenes.patches import Array, Paint
from tvdrnet_nv.scenes.surfaces import rectangle
from tvdrnet_nv.scenes.wall_decals import Decal, door, poster, window

HEIGHT = 2.6
"""Of the walls, metres."""


def add_shell(b: Builder, width: float, depth: float, accent: Array, rng: np.random.Generator) -> None:
    """Add a floor with a rug, and four walls with window, door and pictures; all face inwards."""
    _add_floor(b, width, depth, accent, rng)
    base = np.array([0.86, 0.83, 0.76])
    tints = [base, base * 0.96 + 0.04 * accent[5], 0.62 * base + 0.38 * accent[6], base * 0.98]
    decals = [
        [poster(1.0, 1.35, 0.7, 0.9, rng), poster(2.75, 1.35, 0.95, 0.65, rng), poster(4.5, 1.4, 0.7, 0.7, rng)],
        [poster(0.5, 1.2, 0.6, 0.8, rng), poster(1.6, 1.2, 0.8, 0.6, rng), door(2.85, rng)],
        [window(3.05, 1.7), poster(5.0, 1.3, 0.6, 0.8, rng)],
        [poster(0.65, 1.35, 0.6, 0.6, rng), window(1.5, 1.6), poster(3.4, 1.3, 0.8, 0.6, rng)],
    ]
    corners = np.array([[0, 0, 0], [width, 0, 0], [width, depth, 0], [0, depth, 0]], dtype=float)
    for i in range(4):
        _add_wall(b, corners[i], corners[(i + 1) % 4], tints[i], decals[i])


def _add_floor(b: Builder, width: float, depth: float, accent: Array, rng: np.random.Generator) -> None:
    rug = (0.95, 0.55, 2.75, 3.05)
    shades = rng.uniform(0.82, 1.12, 4096).astype(np.float32)
    oak = np.array([0.62, 0.45, 0.30], dtype=np.float32)

    def floor(u: Array, v: Array) -> Array:
        plank = np.floor(v / 0.22).astype(int)
        board = np.floor(u / 1.1 + 0.37 * (plank % 3)).astype(int)
        wood = oak * shades[(plank * 61 + board * 17) % len(shades), None]
        inside = np.minimum.reduce([u - rug[0], rug[2] - u, v - rug[1], rug[3] - v])
        ring = np.floor(inside / 0.16).astype(int)
        tones = np.stack([accent[1] * 0.6, np.array([0.88, 0.82, 0.70]), accent[2] * 0.85, accent[4] * 0.8])
        cloth = tones[ring % 4] * (0.9 + 0.1 * ((np.floor(u / 0.12) + np.floor(v / 0.12)) % 2)[:, None])
        return np.where((inside > 0)[:, None], cloth, wood)

    with b.thing("floor", 0, 0):
        surface = rectangle(np.zeros(3), np.array([width, 0, 0]), np.array([0, depth, 0]))
        b.add(surface, (width, depth), floor, fineness=0.75, flat=True)


def _add_wall(b: Builder, start: Array, end: Array, tint: Array, decals: list[Decal]) -> None:
    """A wall between two corners [3] of the floor, and what hangs on it."""
    length = float(np.linalg.norm(end - start))
    along, up = (start - end) / length, np.array([0, 0, 1.0])
    inwards = np.cross(along, up)
    with b.thing("wall", 0, 0):  # from its far end back, so that its normal points into the room
        b.add(rectangle(end, length * along, HEIGHT * up), (length, HEIGHT), _plaster(tint), fineness=1.1, flat=True)
    for name, (left, bottom, wide, tall), paint in decals:
        with b.thing(name, 0, 0):
            corner = end + left * along + bottom * up + 0.025 * inwards
            b.add(rectangle(corner, wide * along, tall * up), (wide, tall), paint, fineness=0.5, flat=True)


def _plaster(tint: Array) -> Paint:
    """One colour above a dark skirting board."""
    return lambda u, v: np.where((v < 0.09)[:, None], np.array([0.45, 0.36, 0.28]), np.asarray(tint))
