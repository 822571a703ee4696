"""Which side of a face is its front, and whether that means anything."""

from __future__ import annotations

import pytest
import torch

from tvdrnet_nv import Mesh
from tvdrnet_nv.scenes import bumpy_sphere, room, sphere, textured_box
from tvdrnet_nv.winding import face_planes, winding_is_consistent


def soup(mesh: Mesh) -> Mesh:
    """Each face with vertices of its own."""
    rows = mesh.faces.long().reshape(-1)
    return Mesh(mesh.vertices[rows], torch.arange(len(rows), dtype=torch.int32).reshape(-1, 3), mesh.colors[rows])


def turned(mesh: Mesh, share: float) -> Mesh:
    """Some of the faces with their vertices in the other order."""
    chosen = torch.rand(mesh.num_faces, generator=torch.Generator().manual_seed(0)) < share
    return Mesh(mesh.vertices, torch.where(chosen[:, None], mesh.faces.flip(1), mesh.faces), mesh.colors)


# The last one is larger than the sample of edges.
@pytest.mark.parametrize("mesh", [sphere(3), textured_box(6), room(6000), bumpy_sphere(300, 300)])
def test_faces_that_agree_and_faces_that_do_not(mesh: Mesh) -> None:
    assert winding_is_consistent(mesh)
    assert winding_is_consistent(turned(mesh, 1.0))
    assert winding_is_consistent(turned(mesh, 0.01))
    assert not winding_is_consistent(turned(mesh, 0.5))
    assert not winding_is_consistent(turned(mesh, 0.1))


def test_vertices_at_the_same_place_are_one() -> None:
    """STL and flat-shaded glTF files share none."""
    assert winding_is_consistent(soup(textured_box(8)))
    assert not winding_is_consistent(turned(soup(textured_box(8)), 0.5))


def test_triangles_that_touch_nowhere_say_nothing() -> None:
    apart = soup(textured_box(8))
    shifts = torch.arange(apart.num_faces).repeat_interleave(3)[:, None] * 10.0
    assert not winding_is_consistent(Mesh(apart.vertices + shifts, apart.faces, apart.colors))


def test_planes_tell_fronts_from_backs() -> None:
    mesh = sphere(1)
    shifted = Mesh(mesh.vertices + 5.0, mesh.faces, mesh.colors)
    planes = face_planes(shifted, torch.full((3,), 4.0))
    centers = shifted.vertices[shifted.faces.long()].mean(1) - 4.0
    outward = centers - 1.0
    assert bool(((planes[:, :3] * outward).sum(1) > 0).all())
    assert torch.allclose((planes[:, :3] * centers).sum(1) + planes[:, 3], torch.zeros(len(planes)), atol=1e-5)
    # The middle of the ball is behind all of them.
    assert bool((planes[:, :3].sum(1) + planes[:, 3] < 0).all())
