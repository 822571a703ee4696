"""How boxes lie to each other, by scenes of a few boxes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tvdrnet_nv.grounding import Things, make_things
from tvdrnet_nv.grounding.relations import Places
from tvdrnet_nv.mesh import Mesh

Box = tuple[tuple[float, float, float], tuple[float, float, float]]

# A room of 6 × 5 m about the origin: a sofa at the wall of low x looks into it.
ROOM: dict[str, Box] = {
    "floor": ((-3, -2.5, -0.01), (3, 2.5, 0)),
    "couch": ((-2.9, -1, 0), (-2.1, 1, 0.5)),
    "table": ((-1.4, -0.5, 0), (-0.6, 0.5, 0.45)),
    "cup": ((-1.1, -0.1, 0.45), (-1.0, 0.0, 0.55)),
    "bin": ((-1.1, -0.1, 0.0), (-0.9, 0.1, 0.3)),
    "lamp": ((-2.9, -1.6, 0), (-2.6, -1.3, 1.6)),
    "plant": ((-2.9, 1.3, 0), (-2.5, 1.7, 1.0)),
    "picture": ((-2.99, -0.4, 1.3), (-2.95, 0.4, 1.8)),
    "window": ((2.95, -0.6, 1.0), (2.99, 0.6, 2.0)),
    "chair": ((0.6, -0.25, 0), (1.1, 0.25, 0.9)),
}


def grid(box: Box, count: int = 7) -> np.ndarray:
    """Points [N, 3] on the six sides of a box."""
    low, high = (np.array(corner) for corner in box)
    steps = np.linspace(0, 1, count)
    sides = []
    for axis in range(3):
        for end in (0.0, 1.0):
            u, v = (values.reshape(-1) for values in np.meshgrid(steps, steps))
            sides.append(np.insert(np.stack([u, v], 1), axis, end, axis=1))
    return low + np.concatenate(sides) * (high - low)


def grey_mesh(points: np.ndarray) -> Mesh:
    """Points, and one face, which a mesh needs."""
    vertices = torch.from_numpy(points).float()
    return Mesh(vertices, torch.tensor([[0, 1, 2]], dtype=torch.int32), torch.full_like(vertices, 0.5))


def things(boxes: dict[str, Box], up: str = "z") -> Things:
    parts = [grid(box) for box in boxes.values()]
    vertices = np.concatenate(parts)
    if up == "y":
        vertices = vertices[:, [0, 2, 1]] * np.array([1, 1, -1])
    mesh = grey_mesh(vertices)
    ends = np.cumsum([len(part) for part in parts])
    rows = [np.arange(end - len(part), end) for end, part in zip(ends, parts, strict=True)]
    listed = [(i, name.split(" ")[0], name, row) for i, (name, row) in enumerate(zip(boxes, rows, strict=True))]
    return make_things(mesh, listed, np.eye(3)["xyz".index(up)], "boxes")


@pytest.fixture(scope="module", params=["z", "y"])
def places(request: pytest.FixtureRequest) -> Places:
    return Places(things(ROOM, request.param))


def of(places: Places, name: str) -> int:
    return [item.title for item in places.things.items].index(name)


@pytest.mark.parametrize(
    ("kind", "a", "b"),
    [
        ("on", "cup", "table"),
        ("has on it", "table", "cup"),
        ("under", "bin", "table"),
        ("above", "picture", "couch"),
        ("near", "lamp", "couch"),
        ("front", "table", "couch"),
        ("behind", "picture", "couch"),
        ("right", "plant", "couch"),
        ("left", "lamp", "couch"),
        ("opposite", "window", "couch"),
        ("far", "window", "couch"),
        ("end", "plant", "couch"),
        ("same wall", "picture", "lamp"),
    ],
)
def test_a_relation_holds_best_where_it_was_built(places: Places, kind: str, a: str, b: str) -> None:
    """Of all things but the floor and the two, none lies so better than the one that was put there."""
    right = places.score(kind, of(places, a), of(places, b))
    others = [i for i, item in enumerate(places.things.items) if item.title not in (a, b, "floor")]
    assert right > 0.4
    assert right >= max(places.score(kind, i, of(places, b)) for i in others)


def test_between_is_between(places: Places) -> None:
    couch, window = of(places, "couch"), of(places, "window")
    assert places.between(of(places, "chair"), couch, window) > 0.8
    assert places.between(of(places, "plant"), couch, window) < 0.2


def test_the_cup_is_not_on_the_floor_below_the_table(places: Places) -> None:
    assert places.score("on", of(places, "cup"), of(places, "floor")) < 0.1
    assert places.score("on", of(places, "bin"), of(places, "floor")) > 0.9


def test_corners_middle_and_walls(places: Places) -> None:
    assert places.in_corner(of(places, "lamp")) > places.in_corner(of(places, "couch"))
    assert places.in_middle(of(places, "chair")) > places.in_middle(of(places, "lamp"))
    assert places.at_wall(of(places, "picture")) > 0.9 > 0.2 > places.at_wall(of(places, "chair"))


def test_a_seat_looks_away_from_its_backrest() -> None:
    seat: Box = ((0, 0, 0), (0.5, 0.5, 0.45))
    back: Box = ((0, 0, 0.45), (0.05, 0.5, 0.9))
    points = np.concatenate([grid(seat), grid(back)])
    mesh = grey_mesh(points)
    found = make_things(mesh, [(0, "chair", "chair", np.arange(len(points)))], np.array([0.0, 0, 1]), "one chair")
    np.testing.assert_allclose(found.front(found.items[0]), [1, 0], atol=0.1)
