"""The pieces of a part of a surface: what is apart from each other."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from tvdrnet_nv.lifting.components import components
from tvdrnet_nv.mesh import Mesh, cross_products

_APART = 0.06  # of the part's radius: what is nearer to each other hangs together


def pieces(mesh: Mesh, rows: Tensor, *, least: float = 0.0) -> list[Tensor]:
    """Faces that hang together, those with the largest area first.

    They share vertices, or are nearer to each other than 6 % of the radius of all.

    Args:
        mesh: the surface.
        rows: int64 [N], the faces of the part.
        least: the area of a piece, as a share of the largest one's; smaller ones are left out, and those without area.
    """
    corners = mesh.faces[rows].long().cpu()
    points = mesh.vertices.detach().cpu()[corners]
    if not len(rows):
        return []
    areas = cross_products(points).norm(dim=1) / 2
    extent = float((points.amax((0, 1)) - points.amin((0, 1))).norm()) / 2
    heads, piece = _hanging_together(corners, points, max(_APART * extent, 1e-12)).unique(return_inverse=True)
    whole = torch.zeros(len(heads)).index_add_(0, piece, areas)
    order = whole.argsort(descending=True, stable=True)
    kept = order[(whole[order] > 0) & (whole[order] >= least * whole.max())]
    return [rows[(piece == number).to(rows.device)] for number in kept.tolist()]


def _hanging_together(faces: Tensor, points: Tensor, cell: float) -> Tensor:
    """[N] int64: the same number for faces [N, 3] that share vertices, or of which corners [N, 3, 3] lie in cells of a
    grid that touch, at corners at least."""
    place = torch.floor(points.reshape(-1, 3).double() / cell).long()
    place = place - place.amin(0) + 1
    steps = (place[:, 2].max() + 2) * torch.tensor([int(place[:, 1].max()) + 2, 1, 0]) + torch.tensor([0, 0, 1])
    keys, of_corner = (place @ steps).unique(return_inverse=True)
    _, vertex = faces.reshape(-1).unique(return_inverse=True)
    first = vertex.view(-1, 3)[:, :1].expand(-1, 3).reshape(-1)
    # Nodes: the cells, then the vertices.
    edges = [torch.stack([of_corner, len(keys) + vertex]), torch.stack([len(keys) + first, len(keys) + vertex])]
    for way in itertools.product((-1, 0, 1), repeat=3):
        if way > (0, 0, 0):
            wanted = keys + torch.tensor(way) @ steps
            at = torch.searchsorted(keys, wanted).clamp(max=len(keys) - 1)
            there = (keys[at] == wanted).nonzero()[:, 0]
            edges.append(torch.stack([there, at[there]]))
    root = components(len(keys) + int(vertex.max()) + 1, torch.cat(edges, 1))
    return root[len(keys) + vertex.view(-1, 3)[:, 0]]
