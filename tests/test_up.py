"""guess_up on scans, rooms and objects."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from tvdrnet_nv.camera import Orbit, rotation_from_vector
from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes import room, sphere
from tvdrnet_nv.scenes.paints import plain
from tvdrnet_nv.scenes.patches import Grid, Patch, tessellate
from tvdrnet_nv.scenes.surfaces import revolution
from tvdrnet_nv.up import guess_up, up_direction


def z_up_to_y_up(mesh: Mesh) -> Mesh:
    x, y, z = mesh.vertices.unbind(1)
    return Mesh(torch.stack([x, z, -y], dim=1), mesh.faces, mesh.colors)


def turned(mesh: Mesh, up: str) -> Mesh:
    """A scene with z up, so that another axis is up."""
    upright, pole = (Orbit.create(1.0, 0.0, 0.0, up=axis).frame for axis in ("z", up))
    return dataclasses.replace(mesh, vertices=mesh.vertices @ upright @ pole.T)


def closed_box(*inside: tuple[tuple[float, float, float], tuple[float, float, float]]) -> Mesh:
    """A room with its ceiling, seen from inside, with furniture."""
    walls = boxes(((0, 0, 0), (4, 3, 2.5)))
    furniture = boxes(*inside)
    faces = torch.cat([walls.faces.flip(1), furniture.faces + walls.num_vertices])
    vertices = torch.cat([walls.vertices, furniture.vertices])
    return Mesh(vertices, faces, torch.ones_like(vertices))


def boxes(*corners: tuple[tuple[float, float, float], tuple[float, float, float]]) -> Mesh:
    """Axis-aligned boxes, each (low, high)."""
    unit = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    sides = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    triangles = np.array([[s[i] for i in t] for s in sides for t in ((0, 1, 2), (0, 2, 3))])
    vertices = np.concatenate([np.array(low) + unit * (np.array(high) - np.array(low)) for low, high in corners])
    faces = np.concatenate([triangles + 8 * i for i in range(len(corners))])
    points = torch.from_numpy(vertices).float()
    return Mesh(points, torch.from_numpy(faces).int(), torch.ones_like(points))


def z_up_table() -> Mesh:
    legs = [((x, y, 0), (x + 0.06, y + 0.06, 0.7)) for x in (0, 1.34) for y in (0, 0.74)]
    return boxes(((0, 0, 0.7), (1.4, 0.8, 0.75)), *legs)


def z_up_vase() -> Mesh:
    profile = [(0.0, 0.0), (0.3, 0.0), (0.55, 0.6), (0.2, 1.3), (0.3, 1.6)]
    patch = Patch(revolution(np.zeros(3), profile), (2, 2), plain((1, 1, 1)), 0, segments=4, min_u=24, wrap=True)
    grid: Grid = tessellate(patch, 0.1, np.random.default_rng(0))
    vertices = torch.from_numpy(grid.positions)
    return Mesh(vertices, torch.from_numpy(grid.faces).int(), torch.ones_like(vertices))


def test_the_real_scan_is_z_up(scan_path: Path) -> None:
    mesh = load_mesh(scan_path)
    assert guess_up(mesh) == "z"
    assert guess_up(z_up_to_y_up(mesh)) == "y"


@pytest.mark.parametrize(("triangles", "seed"), [(5000, 0), (20000, 1), (20000, 2)])
def test_the_room_is_z_up_and_turned_it_is_y_up(triangles: int, seed: int) -> None:
    mesh = room(triangles, seed)
    assert guess_up(mesh) == "z"
    assert guess_up(z_up_to_y_up(mesh)) == "y"


@pytest.mark.parametrize("thing", ["table", "chair", "vase", "figure"])
def test_y_up_objects_are_y_up(thing: str) -> None:
    if thing == "table":
        mesh = z_up_to_y_up(z_up_table())
    elif thing == "chair":
        mesh = boxes(
            ((0, 0.4, 0), (0.4, 0.45, 0.4)), ((0, 0.45, 0), (0.4, 0.9, 0.04)), ((0.1, 0, 0.1), (0.3, 0.4, 0.3))
        )
    elif thing == "vase":
        mesh = z_up_to_y_up(z_up_vase())
    else:
        mesh = boxes(((0, 0, 0), (0.5, 1.8, 0.3)))
    assert guess_up(mesh) == "y"


def test_a_bare_floor_and_walls_are_z_up() -> None:
    # An open box: four walls and the floor, facing inwards, as four vertices each would have it.
    corners = torch.tensor([[x, y, z] for x in (0.0, 4.0) for y in (0.0, 4.0) for z in (0.0, 2.5)])
    quads = [[0, 4, 6, 2], [0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3]]
    faces = torch.tensor([[q[i] for i in t] for q in quads for t in ((0, 1, 2), (0, 2, 3))], dtype=torch.int32)
    mesh = Mesh(corners, faces, torch.ones_like(corners))
    assert guess_up(mesh) == "z"
    assert guess_up(z_up_to_y_up(mesh)) == "y"


@pytest.mark.parametrize("up", ["y", "z", "-y"])
def test_a_room_is_upright_whichever_axis_is_up(up: str) -> None:
    assert guess_up(turned(room(5000), up)) == up


@pytest.mark.parametrize("up", ["y", "z", "-y"])
def test_a_closed_room_is_upright_by_its_furniture(up: str) -> None:
    table, cupboard = ((1, 1, 0), (2.4, 1.8, 0.75)), ((0.1, 2.2, 0), (0.6, 2.9, 1.8))
    assert guess_up(turned(closed_box(table, cupboard), up)) == up


def test_the_direction_is_that_of_the_floor() -> None:
    mesh = turned(room(5000), "-y")
    tilt = rotation_from_vector(torch.tensor([[0.3, 0.0, 0.1]]))[0]
    tilted = dataclasses.replace(mesh, vertices=mesh.vertices @ tilt.T)
    assert guess_up(tilted) == "-y"
    expected = tilt.double() @ torch.tensor([0.0, -1.0, 0.0], dtype=torch.float64)
    torch.testing.assert_close(up_direction(tilted), expected, atol=0.02, rtol=0)


def test_no_evidence_is_y_up() -> None:
    assert guess_up(sphere(2)) == "y"
    assert guess_up(boxes(((0, 0, 0), (1, 1, 1)))) == "y"
