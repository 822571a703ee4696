"""Warnings about views, on scenes made by code."""

from __future__ import annotations

import itertools

import pytest
import torch

from tvdrnet_nv import Camera, Mesh, Orbit, Renderer, load_mesh, save_ply
from tvdrnet_nv.report.view_checks import floor_height, view_facts, view_warnings
from tvdrnet_nv.scenes import room, sphere, textured_box
from tvdrnet_nv.winding import winding_is_consistent

Z = torch.tensor([0.0, 0.0, 1.0])
Y = torch.tensor([0.0, 1.0, 0.0])


def reversed_faces(mesh: Mesh, which: torch.Tensor | slice = slice(None)) -> Mesh:
    faces = mesh.faces.clone()
    faces[which] = faces[which].flip(1)
    return Mesh(mesh.vertices, faces, mesh.colors)


def random_winding(mesh: Mesh, share: float = 0.5) -> Mesh:
    turned = torch.rand(mesh.num_faces, generator=torch.Generator().manual_seed(0)) < share
    return reversed_faces(mesh, turned)


def soup(mesh: Mesh) -> Mesh:
    """Each face with vertices of its own."""
    rows = mesh.faces.long().reshape(-1)
    return Mesh(mesh.vertices[rows], torch.arange(len(rows), dtype=torch.int32).reshape(-1, 3), mesh.colors[rows])


def warnings(mesh: Mesh, camera: Camera, up: torch.Tensor = Z, **given: float) -> str:
    return "; ".join(view_warnings(Renderer(mesh, 64), camera, up, **given))


def around(mesh: Mesh, distance: float, elevation: float, azimuth: float = 40.0, up: str = "z") -> Camera:
    return Orbit.create(distance, elevation, azimuth, at=mesh.center, up=up).camera()  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def furnished() -> Mesh:
    return room(8000)


@pytest.fixture(scope="module")
def closed() -> Mesh:
    """A closed room: a box whose faces look inwards."""
    return reversed_faces(textured_box(8))


def test_good_views_have_no_warning(furnished: Mesh, closed: Mesh) -> None:
    assert warnings(furnished, around(furnished, 7.0, 60.0)) == ""
    for mesh, elevation in itertools.product((sphere(3), textured_box(8)), (-60.0, 0.0, 60.0)):
        assert warnings(mesh, around(mesh, 4.0, elevation)) == ""
    inside = Camera.from_look_at((-0.8, -0.5, 0.2), (1.0, 0.7, -0.2), up=(0, 0, 1), fov=60.0)
    assert warnings(closed, inside) == ""


def test_a_camera_inside_an_object_is_told(furnished: Mesh) -> None:
    box = textured_box(8)
    said = warnings(box, around(box, 0.3, 10.0))
    assert "100% of what the camera sees is the backs of faces" in said
    assert "floor" not in said


def test_a_camera_outside_a_closed_room_is_told(closed: Mesh) -> None:
    assert "behind a wall" in warnings(closed, around(closed, 4.0, 50.0))


def test_a_camera_behind_a_rooms_wall_is_told(furnished: Mesh) -> None:
    assert "behind a wall" in warnings(furnished, around(furnished, 7.0, 3.0))


@pytest.mark.parametrize("up", ["y", "z"])
def test_a_camera_below_the_floor_is_told(furnished: Mesh, up: str) -> None:
    mesh = furnished
    if up == "y":
        x, y, z = mesh.vertices.unbind(1)
        mesh = Mesh(torch.stack([x, z, -y], 1), mesh.faces, mesh.colors)
    said = warnings(mesh, around(mesh, 7.0, -50.0, up=up), Y if up == "y" else Z)
    assert "below the floor" in said
    assert "below the floor" not in warnings(mesh, around(mesh, 7.0, 3.0, up=up), Y if up == "y" else Z)


def test_a_camera_right_before_a_surface_is_told(furnished: Mesh) -> None:
    box = textured_box(8)
    near = Camera.from_look_at((1.04, 0.0, 0.0), (0.0, 0.0, 0.0), up=(0, 0, 1), fov=60.0)
    assert "right before a surface: 100% of the view" in warnings(box, near)
    # What is to be seen may be as small.
    assert warnings(box, near, size=0.1) == ""


@pytest.mark.parametrize("turn", [random_winding, lambda mesh: random_winding(soup(mesh))], ids=["mesh", "soup"])
def test_faces_in_random_order_have_no_backs(furnished: Mesh, turn) -> None:
    """No camera is warned that it sees backs: not from anywhere around the room, nor inside a box."""
    mixed = turn(furnished)
    assert not winding_is_consistent(mixed)
    facts = [view_facts(Renderer(mixed, 64), around(mixed, 7.0, e, a), Z, 0.1) for e in (-50, 20) for a in (0, 80, 160)]
    assert any(f.backs > 0.5 or f.floor_backs > 0.1 for f in facts)  # else this would test nothing
    for e, a in itertools.product((-50, 20), (0, 80, 160)):
        assert warnings(mixed, around(mixed, 7.0, e, a)) == ""
    box = turn(textured_box(8))
    assert "backs" not in warnings(box, around(box, 0.3, 10.0))


def test_a_soup_with_an_order_has_backs() -> None:
    box = soup(textured_box(8))
    assert "backs of faces" in warnings(box, around(box, 0.3, 10.0))


def test_the_floor_is_the_lowest_level_surface(furnished: Mesh) -> None:
    height = floor_height(furnished, Z)
    assert height == pytest.approx(float(furnished.bounds[0][2]), abs=0.05)
    steep = Mesh(torch.tensor([[0.0, 0, 0], [0, 1, 0], [0, 0, 1]]), torch.tensor([[0, 1, 2]]).int(), torch.ones(3, 3))
    assert floor_height(steep, Z) is None


def test_a_view_of_nothing_and_several_cameras(tmp_path, furnished: Mesh) -> None:
    save_ply(furnished, tmp_path / "room.ply")
    mesh = load_mesh(tmp_path / "room.ply")
    away = Camera.from_look_at((50.0, 50.0, 50.0), (90.0, 90.0, 90.0), up=(0, 0, 1), fov=60.0)
    assert warnings(mesh, away) == ""
    with pytest.raises(ValueError, match="camera must be one camera, got 2"):
        warnings(mesh, Orbit.create([3.0, 4.0], 30.0, 40.0).camera())
