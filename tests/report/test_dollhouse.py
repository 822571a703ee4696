"""What is left of a room when one looks in."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv.camera import Camera, Orbit
from tvdrnet_nv.mesh import Mesh, Textures
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.report.dollhouse import Dollhouse

UP = torch.tensor([0.0, 0.0, 1.0])
PARTS = ("floor", "ceiling", "-x", "+x", "-y", "+y", "table")


def sheet(corner: list[float], u: list[float], v: list[float], cells: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    """Vertices and faces of a parallelogram, whose front is where u, v and the viewer are right-handed."""
    steps = torch.linspace(0, 1, cells + 1)
    a, b = torch.meshgrid(steps, steps, indexing="ij")
    points = torch.tensor(corner) + a[..., None] * torch.tensor(u) + b[..., None] * torch.tensor(v)
    first = (torch.arange(cells)[:, None] * (cells + 1) + torch.arange(cells)).reshape(-1)
    step = cells + 1
    faces = [[first, first + step, first + step + 1], [first, first + step + 1, first + 1]]
    return points.reshape(-1, 3), torch.cat([torch.stack(face, 1) for face in faces])


def closed_room(*, shuffled: bool = False, turn: float = 0.0) -> tuple[Mesh, torch.Tensor]:
    """A room of 4 × 3 × 2.5 with walls that face inward and a table top, and the part [F] of each face."""
    sheets = [
        sheet([0, 0, 0], [4, 0, 0], [0, 3, 0]),
        sheet([0, 0, 2.5], [0, 3, 0], [4, 0, 0]),
        sheet([0, 0, 0], [0, 3, 0], [0, 0, 2.5]),
        sheet([4, 0, 0], [0, 0, 2.5], [0, 3, 0]),
        sheet([0, 0, 0], [0, 0, 2.5], [4, 0, 0]),
        sheet([0, 3, 0], [4, 0, 0], [0, 0, 2.5]),
        sheet([1.5, 1, 0.8], [1, 0, 0], [0, 1, 0]),
    ]
    vertices, faces, parts, count = [], [], [], 0
    for part, (points, triangles) in enumerate(sheets):
        vertices.append(points)
        faces.append(triangles + count)
        parts += [part] * len(triangles)
        count += len(points)
    all_faces = torch.cat(faces)
    if shuffled:  # so that their order means nothing
        flipped = torch.rand(len(all_faces), generator=torch.Generator().manual_seed(0)) < 0.5
        all_faces[flipped] = all_faces[flipped].flip(1)
    c, s = torch.cos(torch.tensor(turn)), torch.sin(torch.tensor(turn))
    points = torch.cat(vertices) @ torch.tensor([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    return Mesh(points, all_faces.int(), torch.full_like(points, 0.5)), torch.tensor(parts)


def left(mesh: Mesh, parts: torch.Tensor, seen: Mesh) -> set[str]:
    """The parts of which something is left."""
    kept = {tuple(face) for face in seen.faces.tolist()}
    return {PARTS[part] for face, part in zip(mesh.faces.tolist(), parts.tolist(), strict=True) if tuple(face) in kept}


def camera(azimuth: float, mesh: Mesh, distance: float = 8.0) -> Camera:
    return Orbit.create(distance, 25.0, azimuth, at=mesh.center, up="z").camera()


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("turn", [0.0, 0.4])
def test_ceiling_and_near_walls_go(shuffled: bool, turn: float) -> None:
    mesh, parts = closed_room(shuffled=shuffled, turn=turn)
    house = Dollhouse(mesh, UP)
    assert bool(house.notes) == shuffled
    eye = camera(30.0, mesh)
    center, position = mesh.center, eye.position[0] - mesh.center
    seen = left(mesh, parts, house.seen_by(eye))
    corners = mesh.vertices[mesh.faces.long()].mean(1) - center
    for name, part in (("-x", 2), ("+x", 3), ("-y", 4), ("+y", 5)):
        out = torch.nn.functional.normalize(corners[parts == part].mean(0) * torch.tensor([1.0, 1.0, 0.0]), dim=0)
        wall = float((corners[parts == part] @ out).mean())
        assert (name in seen) == (float(position @ out) < wall), name
    assert "ceiling" not in seen
    assert {"floor", "table"} <= seen
    # One looks in: nothing hides the table.
    renderer = Renderer(house.seen_by(eye), 320)
    ids = renderer(eye).face_ids
    drawn = {tuple(renderer.mesh.faces[k].tolist()) for k in ids[ids >= 0].tolist()}
    table = {tuple(face) for face in mesh.faces[parts == 6].tolist()}
    assert len(drawn & table) > 0.9 * len(table)


def test_a_camera_inside_keeps_its_walls() -> None:
    mesh, parts = closed_room()
    inside = Camera.from_look_at((2.0, 1.5, 1.5), (4.0, 1.5, 1.2), (0.0, 0.0, 1.0), 60.0).to(torch.float32)
    seen = left(mesh, parts, Dollhouse(mesh, UP).seen_by(inside))
    assert seen == {"floor", "-x", "+x", "-y", "+y", "table"}


def test_what_has_no_walls_is_left_but_for_its_backs() -> None:
    mesh, parts = closed_room()
    table = Mesh(mesh.vertices, mesh.faces[parts == 6], mesh.colors)
    above, below = (Orbit.create(3.0, elevation, 30.0, at=table.center, up="z").camera() for elevation in (50.0, -50.0))
    house = Dollhouse(table, UP)
    assert house.seen_by(above).num_faces == table.num_faces
    assert house.seen_by(below).num_faces == 1  # a mesh has a face at least


def test_pictures_on_faces_stay_on_theirs() -> None:
    mesh, parts = closed_room()
    images = (torch.zeros(2, 2, 3), torch.ones(2, 2, 3))
    on_table = torch.where(parts == 6, 1, 0).int()
    textured = Mesh(mesh.vertices, mesh.faces, mesh.colors, Textures(mesh.vertices[:, :2].clone(), images, on_table))
    seen = Dollhouse(textured, UP).seen_by(camera(30.0, mesh))
    assert seen.textures is not None
    table = {tuple(face) for face in mesh.faces[parts == 6].tolist()}
    shown = [tuple(face) in table for face in seen.faces.tolist()]
    assert seen.textures.face_image.bool().tolist() == shown
