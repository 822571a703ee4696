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
    sides = ((high - low) / cell).floor().long() + 1
    if mesh.textures is not None or not bool(torch.isfinite(sides).all()) or float(sides.double().prod()) > _MOST_CELLS:
        return mesh
    places = torch.minimum(((mesh.vertices - low) / cell).floor().long(), sides - 1)
    cells = (places[:, 0] * sides[1] + places[:, 1]) * sides[2] + places[:, 2]
    counts = torch.bincount(cells, minlength=int(sides.prod()))
    faces = ((counts > 0).cumsum(0) - 1)[cells][mesh.faces.long()]
    a, b, c = faces.unbind(1)
    faces = faces[(a != b) & (b != c) & (c != a)]
    if not 0 < len(faces) <= mesh.num_faces // 2:
        return mesh
    sums = torch.zeros(len(counts), 6, device=mesh.device)
    sums.index_add_(0, cells, torch.cat([mesh.vertices - low, mesh.colors], 1))
    vertices, colors = (sums[counts > 0] / counts[counts > 0, None]).split(3, 1)
    return Mesh(vertices + low, faces.int(), colors)
