"""The room seen from above: its middle, its corners, its walls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Plan:
    """The room seen from above.

    Attributes:
        center: [2], the middle of the floor.
        corners: [4, 2], of the smallest rectangle around it.
        walls: [W, 2], points of the walls; of the rectangle's sides where no walls are known.
        size: the length of the rectangle's diagonal.
    """

    center: np.ndarray
    corners: np.ndarray
    walls: np.ndarray
    size: float


def floor_plan(ground: np.ndarray, walls: Sequence[np.ndarray]) -> Plan:
    """The plan of a floor's points [N, 3] and of each wall's points [M, 3]; z is up."""
    flat = ground[:: max(1, len(ground) // 5000), :2]
    best = None
    for angle in np.radians(np.arange(0.0, 90.0, 2.0)):
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        turned = flat @ turn.T
        low, high = np.percentile(turned, [0.5, 99.5], axis=0)
        area = float(np.prod(high - low))
        if best is None or area < best[0]:
            best = area, turn, low, high
    assert best is not None  # there are angles
    _, turn, low, high = best
    corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]]]) @ turn
    if walls:
        joined = np.concatenate([wall[:: max(1, len(wall) // 300), :2] for wall in walls])
    else:
        steps = np.linspace(0, 1, 60)[:, None]
        joined = np.concatenate([corners[i] + steps * (corners[(i + 1) % 4] - corners[i]) for i in range(4)])
    return Plan(corners.mean(0), corners, joined, float(np.linalg.norm(high - low)))
