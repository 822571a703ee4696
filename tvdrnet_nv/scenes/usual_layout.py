"""The room's usual layout, which a seed moves by centimetres."""

from __future__ import annotations

import numpy as np

from tvdrnet_nv.scenes import furniture
from tvdrnet_nv.scenes.builder import Builder
from tvdrnet_nv.scenes.patches import Array


def furnish_usual(b: Builder, width: float, depth: float, accent: Array, rng: np.random.Generator) -> None:
    """Furnish a room of `width` by `depth` metres."""
    dining_x, dining_y = width - 1.75 + rng.uniform(-0.1, 0.1), depth - 1.55 + rng.uniform(-0.1, 0.1)
    furniture.table(b, dining_x, dining_y, (1.7, 0.95, 0.74), yaw=rng.uniform(-4, 4), name="dining_table")
    for dx in (-0.45, 0.45):
        for side in (-1, 1):
            yaw = (0 if side < 0 else 180) + rng.uniform(-14, 14)
            at = (dining_x + dx + rng.uniform(-0.06, 0.06), dining_y + side * rng.uniform(0.55, 0.72))
            furniture.chair(b, *at, yaw, accent[0] * 0.85)
    furniture.chair(b, dining_x - 1.15, dining_y + rng.uniform(-0.1, 0.1), -90 + rng.uniform(-25, 25), accent[0] * 0.85)
    for _ in range(7):
        spot = (dining_x + rng.uniform(-0.7, 0.7), dining_y + rng.uniform(-0.33, 0.33))
        furniture.clutter(b, *spot, 0.74, rng)

    sofa_y = 1.75 + rng.uniform(-0.1, 0.1)
    furniture.sofa(b, 0.55, sofa_y, -90, accent[1] * 0.8 + 0.1, accent[2])
    furniture.table(
        b, 1.75, sofa_y + rng.uniform(-0.1, 0.1), (0.60, 1.0, 0.40), yaw=rng.uniform(-8, 8), name="coffee_table"
    )
    for dy in (-0.3, 0.05, 0.33):
        furniture.clutter(b, 1.75 + rng.uniform(-0.15, 0.15), sofa_y + dy, 0.40, rng)
    furniture.floor_lamp(b, 0.38, 0.38)

    furniture.bookshelf(b, 1.05, depth - 0.20, 180, rng)
    furniture.bookshelf(b, 2.10, depth - 0.20, 180, rng, boards=4)
    furniture.plant(b, 0.42, depth - 0.85, rng, 1.1)
    furniture.clutter(b, 2.1, depth - 0.2, 1.52, rng, 1.3)

    desk_x = width - 1.3 + rng.uniform(-0.1, 0.1)
    furniture.desk(b, desk_x, 0.42, 0, rng)
    furniture.office_chair(b, desk_x - 0.1, 1.2 + rng.uniform(-0.1, 0.1), 180 + rng.uniform(-35, 35), accent[3] * 0.6)
    for dx in (-0.6, 0.35):
        furniture.clutter(b, desk_x + dx, 0.45 + rng.uniform(-0.1, 0.1), 0.75, rng)
    furniture.sideboard(b, 2.65 + rng.uniform(-0.1, 0.1), 0.27, 0, rng)
    furniture.plant(b, 2.15, 0.25, rng, 0.45, 0.76)
    for dx in (0.05, 0.35, 0.65):
        furniture.clutter(b, 2.65 + dx, 0.25, 0.76, rng, 1.2)

    for x, y in ((3.3, 1.9), (3.0, 3.9), (4.3, 1.75), (width - 0.35, 2.3), (2.75, 1.05), (3.6, depth - 0.35)):
        furniture.clutter(b, x + rng.uniform(-0.15, 0.15), y + rng.uniform(-0.15, 0.15), 0, rng, 2.0)
