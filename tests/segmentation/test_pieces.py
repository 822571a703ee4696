"""What of a part is apart from each other."""

from __future__ import annotations

import torch

from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.segmentation.pieces import pieces


def squares(*left: float) -> Mesh:
    """Squares of side 1 in a row, each of two triangles with vertices of its own."""
    corners = torch.tensor([[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    vertices = torch.cat([corners + torch.tensor([x, 0.0, 0.0]) for x in left])
    faces = torch.cat([torch.tensor([[0, 1, 2], [0, 2, 3]]) + 4 * k for k in range(len(left))]).int()
    return Mesh(vertices, faces, torch.zeros_like(vertices))


def test_what_nearly_touches_hangs_together() -> None:
    mesh = squares(0.0, 1.05, 4.0, 9.0)
    found = pieces(mesh, torch.arange(8))
    assert [sorted(piece.tolist()) for piece in found] == [[0, 1, 2, 3], [4, 5], [6, 7]]
    assert [sorted(piece.tolist()) for piece in pieces(mesh, torch.arange(8), least=0.6)] == [[0, 1, 2, 3]]
    assert [piece.tolist() for piece in pieces(mesh, torch.tensor([5, 7]))] == [[5], [7]]


def test_large_triangles_hang_together_by_their_vertices() -> None:
    corners = torch.tensor([[0.0, 0, 0], [50, 0, 0], [50, 50, 0], [0, 50, 0]])
    mesh = Mesh(corners, torch.tensor([[0, 1, 2], [0, 2, 3]]).int(), torch.zeros(4, 3))
    assert [len(piece) for piece in pieces(mesh, torch.arange(2))] == [2]


def test_nothing_and_what_has_no_area_has_no_pieces() -> None:
    mesh = squares(0.0)
    assert pieces(mesh, torch.arange(0)) == []
    flat = Mesh(torch.zeros(3, 3), torch.tensor([[0, 1, 2]]).int(), torch.zeros(3, 3))
    assert pieces(flat, torch.arange(1)) == []
