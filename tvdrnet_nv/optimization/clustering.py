"""A mesh of fewer, larger triangles: for images so small that nobody sees the difference."""

from __future__ import annotations

import torch

from tvdrnet_nv.mesh import Mesh

_MOST_CELLS = 2**22
_MOST_NUMBERS = 2.0**62  # that int64 has for cells


def clustered(mesh: Mesh, cell: float, *, any_grid: bool = False) -> Mesh:
    """Vertex clustering (Rossignac and Borrel 1993): the vertices in each cube of a grid become one, their mean.

    Triangles that lose their area by it go. The mesh itself comes back where it has textures, or would hardly get
    smaller. Computed on the CPU, whatever the mesh's device: CUDA adds up a cube's vertices in another order each time.

    Args:
        mesh: any.
        cell: the cubes' side, scene units.
        any_grid: whether the grid may have any number of cubes; otherwise the mesh itself comes back where there would
            be more than 2^22, as it would hardly get smaller.
    """
    if mesh.textures is not None:
        return mesh
    vertices, faces, colors = (x.cpu() for x in (mesh.vertices, mesh.faces, mesh.colors))
    low, high = vertices.amin(0), vertices.amax(0)
    sides = ((high - low).double() / cell).floor() + 1
    count = float(sides.prod())
    if not 0 < count <= (_MOST_NUMBERS if any_grid else _MOST_CELLS):  # NaN is no number of cells either
        return mesh
    sides = sides.long()
    places = torch.minimum(((vertices - low) / cell).floor().long(), sides - 1)
    cells = (places[:, 0] * sides[1] + places[:, 1]) * sides[2] + places[:, 2]
    if count <= _MOST_CELLS:
        used = torch.bincount(cells, minlength=int(sides.prod())) > 0
        place = (used.cumsum(0) - 1)[cells]  # among the cells that hold a vertex
        places_used = int(used.sum())
    else:  # the same by sorting
        found, place = torch.unique(cells, return_inverse=True)
        places_used = len(found)
    faces = place[faces.long()]
    a, b, c = faces.unbind(1)
    faces = faces[(a != b) & (b != c) & (c != a)]
    if not 0 < len(faces) <= mesh.num_faces // 2:
        return mesh
    sums = torch.zeros(places_used, 7)
    sums.index_add_(0, place, torch.cat([vertices - low, colors, torch.ones(mesh.num_vertices, 1)], 1))
    means, colors = (sums[:, :6] / sums[:, 6:]).split(3, 1)
    return Mesh(means + low, faces.int(), colors).to(mesh.device)
