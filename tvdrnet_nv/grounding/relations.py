"""How things lie to each other: each function gives a number in 0..1 for a thing and an anchor.

All is measured on boxes and points, in metres. "Left" and "right" are those of someone who faces the anchor
 from its front (see `Things.front`), as in ReferIt3D (Achlioptas et al., 2020): the front of most things
is the side that faces the middle of the room.
"""

from __future__ import annotations

import math

import numpy as np

from tvdrnet_nv.grounding.things import Thing, Things

_TOUCH = 0.12  # metres between surfaces that still touch, in a scan
_NEAR = 0.5  # metres at which nearness is one half
_EDGE = 0.05  # metres by which a footprint is widened


class Places:
    """The relations of a scene's things; what was measured is kept.

    Args:
        things: the scene's.
    """

    def __init__(self, things: Things) -> None:
        self.things = things
        self._distances: dict[tuple[int, int], float] = {}
        self._scores: dict[tuple[str, int, int], float] = {}

    def distance(self, a: int, b: int) -> float:
        """Metres between the surfaces of two things, by their places in `Things.items`."""
        pair = min(a, b), max(a, b)
        if pair not in self._distances:
            p, q = (self.things.items[i].points - self.things.items[a].center for i in pair)
            squares = (p**2).sum(1)[:, None] + (q**2).sum(1) - 2 * (p @ q.T)  # |p − q|², ten times as fast as itself
            self._distances[pair] = float(np.sqrt(max(0.0, squares.min())))
        return self._distances[pair]

    def score(self, kind: str, a: int, b: int) -> float:
        """How well thing `a` lies to anchor `b` as a relation says, 0..1; for relations of one anchor."""
        place = kind, a, b
        if place not in self._scores:
            self._scores[place] = self._score(kind, a, b)
        return self._scores[place]

    def _score(self, kind: str, a: int, b: int) -> float:
        thing, anchor = self.things.items[a], self.things.items[b]
        if kind == "on":
            return self._on(a, b)
        if kind == "on top":
            below_top = max(0.0, float(anchor.high[2] - thing.low[2]) - _TOUCH)
            return self._on(a, b) * (0.6 + 0.4 * math.exp(-((below_top / 0.3) ** 2)))
        if kind == "has on it":
            return self._on(b, a)
        if kind == "in":
            return max(_inside(thing, anchor), 0.9 * self._on(a, b))
        if kind == "of":
            beside = 0.45 * _nearness(self.distance(a, b))
            return max(_inside(thing, anchor), 0.95 * self._on(a, b), 0.95 * self._on(b, a), beside)
        if kind == "under":
            return _below(thing, anchor, tops=True)
        if kind == "above":
            return _below(anchor, thing, tops=False) * (1 - 0.15 * self._on(a, b))
        if kind == "with":
            return _nearness(self.distance(a, b))
        if kind == "near":  # what the anchor stands on, or what stands on it, is less beside it than anything else
            stacked = 0.0 if thing.is_shell or anchor.is_shell else max(self._on(a, b), self._on(b, a))
            return _nearness(self.distance(a, b)) * (1 - 0.25 * stacked)
        if kind == "far":
            return 1 - _nearness(self.distance(a, b) / 3)
        if kind == "against":
            return math.exp(-((max(0.0, self.distance(a, b) - 0.1) / 0.25) ** 2))
        if kind in ("left", "right", "front", "behind"):
            return self._beside(kind, a, b)
        if kind == "end":
            way = _axis(anchor)
            return max(self._toward(way, a, b), self._toward(-way, a, b))
        if kind == "same wall":
            return self._same_wall(thing, anchor)
        if kind == "opposite":
            return self._opposite(thing, anchor)
        raise ValueError(f"{kind}: no relation of one anchor")

    def between(self, a: int, b: int, c: int) -> float:
        """How well thing `a` lies between anchors `b` and `c`, seen from above."""
        thing, first, second = (self.things.items[i] for i in (a, b, c))
        way = second.center[:2] - first.center[:2]
        length = float(np.linalg.norm(way))
        if length < 1e-6:
            return 0.0
        way = way / length
        offset = thing.center[:2] - first.center[:2]
        along, aside = float(offset @ way), abs(float(offset[0] * way[1] - offset[1] * way[0]))
        begin, end = _reach(first, way), length - _reach(second, way)
        outside = max(0.0, begin - along, along - end) if begin < end else abs(along - length / 2)
        height = max(
            0.0, min(first.low[2], second.low[2]) - thing.high[2], thing.low[2] - max(first.high[2], second.high[2])
        )
        return math.exp(-((outside / 0.3) ** 2) - (aside / (0.15 + 0.3 * length)) ** 2 - (height / 0.5) ** 2)

    def in_corner(self, a: int) -> float:
        """How near a thing is to a corner of the room."""
        gaps = np.linalg.norm(self.things.plan.corners - self.things.items[a].center[:2], axis=1)
        return math.exp(-((float(gaps.min()) / (0.22 * self.things.plan.size)) ** 2))

    def in_middle(self, a: int) -> float:
        """How near a thing is to the middle of the room."""
        gap = float(np.linalg.norm(self.things.plan.center - self.things.items[a].center[:2]))
        return math.exp(-((gap / (0.2 * self.things.plan.size)) ** 2))

    def at_wall(self, a: int) -> float:
        """How near a thing is to a wall."""
        points = self.things.items[a].points[::4, :2]
        gaps = np.sqrt(((points[:, None] - self.things.plan.walls[None]) ** 2).sum(2).min())
        return math.exp(-((max(0.0, float(gaps) - 0.1) / 0.3) ** 2))

    def side(self, a: int, others: list[int]) -> float:
        """How far to the right a thing is among others, metres, for someone in the middle of the room."""
        middle = np.mean([self.things.items[i].center[:2] for i in others], 0)
        facing = middle - self.things.plan.center
        return float((self.things.items[a].center[:2] - middle) @ _rightward(facing))

    def _on(self, a: int, b: int) -> float:
        """Whether `a` rests on the surface of `b` below it, or hangs on it where `b` is a wall."""
        thing, anchor = self.things.items[a], self.things.items[b]
        if anchor.name == "wall" or (anchor.size[:2].min() < 0.1 and anchor.size[2] > 1.5):
            return math.exp(-((max(0.0, self.distance(a, b) - 0.05) / 0.2) ** 2))
        overlap = _overlap(thing, anchor)
        if overlap <= 0:
            return 0.0
        low, high = thing.low[:2] - _EDGE, thing.high[:2] + _EDGE
        beneath = anchor.points[((anchor.points[:, :2] >= low) & (anchor.points[:, :2] <= high)).all(1), 2]
        beneath = beneath[beneath <= thing.low[2] + _TOUCH]
        support = float(beneath.max()) if len(beneath) else float(min(anchor.high[2], thing.low[2] + 1))
        gap = abs(thing.low[2] - support) if len(beneath) else abs(thing.low[2] - anchor.high[2])
        higher = 1.0 if thing.center[2] > anchor.center[2] or anchor.size[2] > 1.0 else 0.3
        return min(1.0, 1.5 * overlap) * higher * math.exp(-((max(0.0, gap - 0.05) / _TOUCH) ** 2))

    def _beside(self, kind: str, a: int, b: int) -> float:
        """Whether `a` is on a side of `b`; see `_toward`."""
        anchor = self.things.items[b]
        front = self.things.front(anchor)
        right = _rightward(-front)  # of someone who looks at its front
        way = {"front": front, "behind": -front, "right": right, "left": -right}[kind]
        return self._toward(way, a, b)

    def _toward(self, way: np.ndarray, a: int, b: int) -> float:
        """Whether `a` lies beside `b` along [2]: the share of its points there, and how near and how straight it is."""
        thing, anchor = self.things.items[a], self.things.items[b]
        offsets = thing.points[:, :2] - anchor.center[:2]
        along = offsets @ way
        share = float((along > 0.3 * _reach(anchor, way)).mean())
        middle = thing.center[:2] - anchor.center[:2]
        length = float(np.linalg.norm(middle))
        straight = max(0.0, float(middle @ way) / length) if length > 1e-6 else 0.0
        return share * (0.3 + 0.7 * straight) * _nearness(self.distance(a, b) / 2)

    def _same_wall(self, thing: Thing, anchor: Thing) -> float:
        """Whether two things are at one side of the room's rectangle."""
        corners = self.things.plan.corners
        best = 0.0
        for i in range(4):
            along = corners[(i + 1) % 4] - corners[i]
            normal = np.array([along[1], -along[0]]) / max(float(np.linalg.norm(along)), 1e-9)
            gaps = [float(np.abs((item.points[:, :2] - corners[i]) @ normal).min()) for item in (thing, anchor)]
            best = max(best, math.exp(-sum((max(0.0, gap - 0.1) / 0.3) ** 2 for gap in gaps)))
        return best

    def _opposite(self, thing: Thing, anchor: Thing) -> float:
        """Whether the front of the anchor looks at the thing, across the room."""
        middle = thing.center[:2] - anchor.center[:2]
        length = float(np.linalg.norm(middle))
        if length < 1e-6:
            return 0.0
        straight = max(0.0, float(middle @ self.things.front(anchor)) / length)
        return straight**6 * min(1.0, length / (0.25 * self.things.plan.size))


def _nearness(distance: float) -> float:
    return 1 / (1 + (max(0.0, distance) / _NEAR) ** 2)


def _rightward(facing: np.ndarray) -> np.ndarray:
    """[2], to the right of someone who looks along [2]; z is up."""
    length = float(np.linalg.norm(facing))
    return np.array([facing[1], -facing[0]]) / (length if length > 1e-9 else 1.0)


def _axis(thing: Thing) -> np.ndarray:
    """[2], along the longer side of a thing, seen from above."""
    flat = thing.points[:, :2] - thing.points[:, :2].mean(0)
    return np.linalg.eigh(flat.T @ flat)[1][:, 1]


def _reach(thing: Thing, way: np.ndarray) -> float:
    """Half a thing's width along a direction [2]."""
    along = (thing.points[:, :2] - thing.center[:2]) @ way
    return float(max(0.0, np.percentile(np.abs(along), 90)))


def _overlap(thing: Thing, anchor: Thing) -> float:
    """The share of a thing's footprint that is within the anchor's box, seen from above."""
    low, high = anchor.low[:2] - _EDGE, anchor.high[:2] + _EDGE
    return float(((thing.points[:, :2] >= low) & (thing.points[:, :2] <= high)).all(1).mean())


def _inside(thing: Thing, anchor: Thing) -> float:
    low, high = anchor.low - _EDGE, anchor.high + _EDGE
    return float(((thing.points >= low) & (thing.points <= high)).all(1).mean())


def _below(lower: Thing, upper: Thing, *, tops: bool) -> float:
    """Whether one thing is lower than another at about the same place seen from above.

    With `tops` it is enough that its top is lower: a bin below a table, whose middles are at one height.
    """
    rise = upper.center[2] - lower.center[2]
    height = rise / max(0.35 * (upper.size[2] + lower.size[2]), 1e-6)
    if tops:
        height = max(height, (upper.high[2] - lower.high[2]) / max(0.3 * upper.size[2], 1e-6))
        between = max(0.0, float(upper.low[2] - lower.high[2]))
        height = min(1.0, height) * (0.8 + 0.2 * math.exp(-((between / 0.5) ** 2)))  # of several, the next one
    gap = np.maximum(0, np.maximum(lower.low[:2] - upper.high[:2], upper.low[:2] - lower.high[:2]))
    apart = math.exp(-((float(np.linalg.norm(gap)) / 0.35) ** 2))
    shared = max(_overlap(lower, upper), _overlap(upper, lower))
    return float(np.clip(height, 0, 1)) * apart * (0.5 + 0.5 * shared)
