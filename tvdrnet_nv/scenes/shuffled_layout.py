"""Furniture anywhere in the room: the same things as in the usual layout, each group where chance puts it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tvdrnet_nv.scenes import furniture
from tvdrnet_nv.scenes.builder import Builder
from tvdrnet_nv.scenes.patches import Array

_TRIES = 60  # places tried for a group before the whole room is begun again
_GAP = 0.12  # metres of floor between groups


@dataclass(frozen=True)
class _Spot:
    """A group's own frame on the floor plan: u along the wall, v into the room; `yaw` in degrees."""

    x: float
    y: float
    yaw: float

    def __call__(self, u: float, v: float) -> tuple[float, float]:
        angle = np.radians(self.yaw)
        cos, sin = float(np.cos(angle)), float(np.sin(angle))
        return self.x + u * cos - v * sin, self.y + u * sin + v * cos


@dataclass(frozen=True)
class _Group:
    """Things that stand together: where `place` puts them covers `wide` by `deep` metres.

    Against a wall, `place`'s frame has its origin at the middle of the wall's piece; otherwise in the group's centre.
    """

    place: Callable[[_Spot], None]
    wide: float
    deep: float
    against_wall: bool = True


def furnish_shuffled(b: Builder, width: float, depth: float, accent: Array, rng: np.random.Generator) -> None:
    """Furnish a room of `width` by `depth` metres; no two groups overlap."""
    groups = _groups(b, accent, rng)
    spots = _spots(groups, width, depth, rng)
    while spots is None:
        spots = _spots(groups, width, depth, rng)
    for group, spot in zip(groups, spots, strict=True):
        group.place(spot)
    for _ in range(6):
        x, y = rng.uniform((0.3, 0.3), (width - 0.3, depth - 0.3)).tolist()
        furniture.clutter(b, x, y, 0, rng, 2.0)


def _groups(b: Builder, accent: Array, rng: np.random.Generator) -> list[_Group]:
    """The large ones first, as they are the hardest to find a place for."""

    def dining(at: _Spot) -> None:
        furniture.table(b, *at(0, 0), (1.7, 0.95, 0.74), yaw=at.yaw + rng.uniform(-4, 4), name="dining_table")
        for du in (-0.45, 0.45):
            for side in (-1, 1):
                yaw = at.yaw + (0 if side < 0 else 180) + rng.uniform(-14, 14)
                spot = at(du + rng.uniform(-0.06, 0.06), side * rng.uniform(0.55, 0.72))
                furniture.chair(b, *spot, yaw, accent[0] * 0.85)
        for _ in range(7):
            furniture.clutter(b, *at(rng.uniform(-0.7, 0.7), rng.uniform(-0.33, 0.33)), 0.74, rng)

    def seating(at: _Spot) -> None:
        furniture.sofa(b, *at(0, 0.55), at.yaw, accent[1] * 0.8 + 0.1, accent[2])
        yaw = at.yaw + rng.uniform(-8, 8)
        furniture.table(b, *at(rng.uniform(-0.1, 0.1), 1.75), (1.0, 0.60, 0.40), yaw=yaw, name="coffee_table")
        for du in (-0.3, 0.05, 0.33):
            furniture.clutter(b, *at(du, 1.75 + rng.uniform(-0.15, 0.15)), 0.40, rng)

    def work(at: _Spot) -> None:
        furniture.desk(b, *at(0, 0.42), at.yaw, rng)
        furniture.office_chair(b, *at(-0.1, 1.2), at.yaw + 180 + rng.uniform(-35, 35), accent[3] * 0.6)
        for du in (-0.6, 0.35):
            furniture.clutter(b, *at(du, 0.45 + rng.uniform(-0.1, 0.1)), 0.75, rng)

    def shelves(at: _Spot) -> None:
        furniture.bookshelf(b, *at(-0.525, 0.20), at.yaw, rng)
        furniture.bookshelf(b, *at(0.525, 0.20), at.yaw, rng, boards=4)

    def cupboard(at: _Spot) -> None:
        furniture.sideboard(b, *at(0, 0.27), at.yaw, rng)
        for du in (-0.35, 0.05, 0.35):
            furniture.clutter(b, *at(du, 0.25), 0.76, rng, 1.2)

    return [
        _Group(dining, 2.1, 2.0, against_wall=False),
        _Group(seating, 2.2, 2.1),
        _Group(work, 1.6, 1.6),
        _Group(shelves, 2.1, 0.6),
        _Group(cupboard, 1.7, 0.6),
        _Group(lambda at: furniture.plant(b, at.x, at.y, rng, 1.1), 0.9, 0.9, against_wall=False),
        _Group(lambda at: furniture.floor_lamp(b, at.x, at.y), 0.6, 0.6, against_wall=False),
    ]


def _spots(groups: list[_Group], width: float, depth: float, rng: np.random.Generator) -> list[_Spot] | None:
    """A place for each group, or None where one finds none."""
    taken: list[Array] = []
    spots: list[_Spot] = []
    for group in groups:
        for _ in range(_TRIES):
            spot, box = _draw(group, width, depth, rng)
            if all(_are_disjoint(box, other) for other in taken):
                taken.append(box)
                spots.append(spot)
                break
        else:
            return None
    return spots


def _draw(group: _Group, width: float, depth: float, rng: np.random.Generator) -> tuple[_Spot, Array]:
    """A place inside the walls, and the floor it takes: (left, bottom, right, top) in metres."""
    turn = int(rng.integers(4))
    wide, deep = (group.wide, group.deep) if turn % 2 == 0 else (group.deep, group.wide)
    left, bottom = rng.uniform((0, 0), (width - wide, depth - deep)).tolist()
    if group.against_wall:  # the one behind a group that is turned by 0, 90, 180 and 270 degrees
        left, bottom = ((left, 0.0), (width - wide, bottom), (left, depth - deep), (0.0, bottom))[turn]
    box = np.array([left, bottom, left + wide, bottom + deep])
    spot = _Spot(left + wide / 2, bottom + deep / 2, 90.0 * turn)
    return (_Spot(*spot(0, -group.deep / 2), spot.yaw) if group.against_wall else spot), box


def _are_disjoint(a: Array, b: Array) -> bool:
    return bool(np.any(a[:2] > b[2:] + _GAP) or np.any(b[:2] > a[2:] + _GAP))
