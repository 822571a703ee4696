"""The objects of a scene, and what can be computed of each: place, size, colours, which way it looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from torch import Tensor

from tvdrnet_nv.grounding.colors import color_shares
from tvdrnet_nv.grounding.floor_plan import Plan, floor_plan
from tvdrnet_nv.grounding.vocabulary import Entry, entry_of, key
from tvdrnet_nv.mesh import Mesh

_POINTS = 300  # of a thing's vertices that distances are measured with
_STRAY = 1.0  # percent of the vertices that the box leaves out at each side: stray labels
_BACKREST = {"sofa", "couch", "chair", "officechair", "armchair", "sofachair", "toilet", "bench", "seat"}
_LEAN = 0.03  # of its size, how far off its middle the upper part of a seat must be to be a backrest
_LONG = 1.35  # a floor plan that is so much longer than wide has a front


@dataclass(frozen=True, eq=False)
class Thing:
    """One object, in a frame whose z points up.

    Attributes:
        id: as the data set numbers it, or the label's number.
        name: what it is, such as "dining table".
        title: what the user may call it, such as "dining_table_0"; the name where there is nothing better.
        vertices: int64 [N], indices of the mesh's vertices.
        points: [M, 3] float64, some of them, scene units.
        low, high: [3], its box without stray vertices.
        colors: [N, 3], the vertices' sRGB colours in 0..1.
    """

    id: int
    name: str
    title: str
    vertices: np.ndarray = field(repr=False)
    points: np.ndarray = field(repr=False)
    low: np.ndarray
    high: np.ndarray
    colors: np.ndarray = field(repr=False)

    @cached_property
    def shares(self) -> dict[str, float]:
        """The share of each colour's name in its surface."""
        return color_shares(self.colors)

    @property
    def center(self) -> np.ndarray:
        """[3], the middle of its box."""
        return (self.low + self.high) / 2

    @property
    def size(self) -> np.ndarray:
        """[3], the sides of its box."""
        return self.high - self.low

    @property
    def extent(self) -> float:
        """The diagonal of its box."""
        return float(np.linalg.norm(self.size))

    @cached_property
    def entry(self) -> Entry | None:
        """What is known of things of its name."""
        return entry_of(self.name)

    @property
    def is_shell(self) -> bool:
        """Whether it is part of the room itself."""
        return key(self.name) in ("wall", "floor", "ceiling")


@dataclass(frozen=True, eq=False)
class Things:
    """The objects of a scene.

    Attributes:
        items: the objects that have vertices.
        plan: the room seen from above.
        source: where they are from, in words.
        up: [3, 3] float64, the rotation from the mesh's axes to those of `items`.
    """

    items: tuple[Thing, ...]
    plan: Plan
    source: str
    up: np.ndarray

    def front(self, thing: Thing) -> np.ndarray:
        """[2], a unit vector: where a thing looks.

        Of a seat, from its backrest to its seat. Of what is longer than wide, square to its longer side, towards the
        middle of the room. Of anything else, to the middle of the room.
        """
        inward = self.plan.center - thing.center[:2]
        flat = thing.points[:, :2] - thing.points[:, :2].mean(0)
        if key(thing.name) in _BACKREST:
            top = thing.points[:, 2] > thing.low[2] + 0.7 * thing.size[2]
            lean = -flat[top].mean(0) if top.any() else np.zeros(2)
            if np.linalg.norm(lean) > _LEAN * np.linalg.norm(thing.size[:2]):
                return lean / np.linalg.norm(lean)
        values, axes = np.linalg.eigh(flat.T @ flat)
        if values[1] > _LONG**2 * values[0]:
            across = axes[:, 0]
            return across if across @ inward >= 0 else -across
        length = float(np.linalg.norm(inward))
        return inward / length if length > 1e-9 else np.array([1.0, 0.0])


def make_things(
    mesh: Mesh, objects: Sequence[tuple[int, str, str, np.ndarray]], up: Tensor | np.ndarray, source: str
) -> Things:
    """Objects with what can be computed of them.

    Args:
        mesh: the scene.
        objects: id, name, title and the mesh's vertices int64 [N] of each; those without vertices are left out.
        up: [3], the direction that points up.
        source: where they are from, in words.
    """
    turn = rotation_to_z(np.asarray(up, dtype=np.float64))
    positions = mesh.vertices.detach().cpu().double().numpy() @ turn.T
    colors = mesh.colors.detach().cpu().numpy()
    items = []
    for number, name, title, vertices in objects:
        if not len(vertices):
            continue
        own = positions[vertices]
        low, high = np.percentile(own, [_STRAY, 100 - _STRAY], axis=0)
        kept = own[((own >= low) & (own <= high)).all(1)]
        kept = kept if len(kept) else own
        points = kept[np.linspace(0, len(kept) - 1, min(len(kept), _POINTS)).round().astype(int)]
        items.append(Thing(number, name, title, vertices, points, low, high, colors[vertices]))
    ground = [positions[item.vertices] for item in items if key(item.name) == "floor"]
    walls = [positions[item.vertices] for item in items if key(item.name) == "wall"]
    return Things(tuple(items), floor_plan(np.concatenate(ground or [positions]), walls), source, turn)


def rotation_to_z(up: np.ndarray) -> np.ndarray:
    """[3, 3]: a rotation that takes a direction [3] to +z; a direction that is z already keeps x and y."""
    z = up / np.linalg.norm(up)
    x = np.array([1.0, 0.0, 0.0]) if abs(z[0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    x = x - (x @ z) * z
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(z, x), z])
