"""A mesh of fewer, larger triangles: for images so small that nobody sees the difference."""

from __future__ import annotations

import torch

from tvdrnet_nv.mesh import Mesh

_MOST_CELLS = 2**22


def clustered(mesh: Mesh, cell: float) -> Mesh:
    """Vertex clustering (Rossignac and Borrel 1993): the vertices in each cube of a grid become one, their mean.

    Triangles that lose their area by it go. The mesh itself comes back where it has textures, or would hardly get
    smaller.

    Args:
        mesh: any.
        cell: the cubes' side, scene units.
    """
    low, high = mesh.vertices.amin(0), mesh.vertices.amax(0)
    sides = ((high - low).double() / cell).floor() + 1
    if mesh.textures is not None or not 0 < float(sides.prod()) <= _MOST_CELLS:  # NaN is no number of cells either
        return mesh
    sides = sides.long()
    places = torch.minimum(((mesh.vertices - low) / cell).floor().long(), sides - 1)
    cells = (places[:, 0] * sides[1] + places[:, 1]) * sides[2] + places[:, 2]
    used = torch.bincount(cells, minlength=int(sides.prod())) > 0
    place = (used.cumsum(0) - 1)[cells]  # among the cells that hold a vertex
    faces = place[mesh.faces.long()]
    a, b, c = faces.unbind(1)
    faces = faces[(a != b) & (b != c) & (c != a)]
    if not 0 < len(faces) <= mesh.num_faces // 2:
        return mesh
    ones = torch.ones(mesh.num_vertices, 1, device=mesh.device)
    sums = torch.zeros(int(used.sum()), 7, device=mesh.device)
    sums.index_add_(0, place, torch.cat([mesh.vertices - low, mesh.colors, ones], 1))
    vertices, colors = (sums[:, :6] / sums[:, 6:]).split(3, 1)
    return Mesh(vertices + low, faces.int(), colors)
