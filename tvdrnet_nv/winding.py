"""Whether the order of a mesh's vertices says which side of its faces is the front."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.mesh import Mesh, cross_products

_AGREE = 0.95  # share of neighbouring faces that agree where the order means something
_NEIGHBOURS = 0.25  # edges that two faces share, for each face of the mesh, where that can be said
_EDGES = 200_000  # are looked at, or a few more; of a larger mesh, a sample


def winding_is_consistent(mesh: Mesh) -> bool:
    """Whether neighbouring faces of a mesh agree on which side is their front.

    Two faces that share an edge agree when they run along it in opposite directions. 95 % of the pairs must agree; of
    faces in random order, half do. Vertices at the same place count as one where too few edges are shared otherwise. A
    mesh whose faces share hardly any edges says nothing, so it counts as inconsistent.
    """
    enough = _NEIGHBOURS * min(1.0, _EDGES / (3 * mesh.num_faces)) * mesh.num_faces
    pairs, agreeing = _neighbours(mesh.faces, mesh.num_vertices)
    if pairs < enough:
        _, places = torch.unique(mesh.vertices.detach() + 0.0, dim=0, return_inverse=True)  # -0 + 0 is 0
        pairs, agreeing = _neighbours(places[mesh.faces.long()], mesh.num_vertices)
    return pairs >= enough and agreeing >= _AGREE * pairs


def face_planes(mesh: Mesh, origin: Tensor) -> Tensor:
    """[F, 4]: unit normals and, negated, the distances of the faces' planes from `origin` [3], scene units.

    A point p sees the front of a face where normal · (p - origin) + the fourth number is above zero.
    """
    corners = mesh.vertices.detach()[mesh.faces.long()] - origin
    normals = torch.nn.functional.normalize(cross_products(corners), dim=1, eps=1e-30)
    return torch.cat([normals, -(normals * corners[:, 0]).sum(1, keepdim=True)], 1)


def _neighbours(faces: Tensor, vertices: int) -> tuple[int, int]:
    """How many edges of a sample of those of faces [F, 3] two faces share, and on how many of these the two agree."""
    share = -(-3 * len(faces) // _EDGES)
    names, forward = [], []
    for start, end in ((0, 1), (1, 2), (2, 0)):
        a, b = faces[:, start].long(), faces[:, end].long()
        if share > 1:  # all edges between two vertices or none, wherever their faces stand in the list
            low, high = torch.minimum(a, b), torch.maximum(a, b)
            sampled = (low * 73856093 ^ high * 19349663) // 7 % share == 0
            a, b = a[sampled], b[sampled]
        names.append(torch.minimum(a, b) * vertices + torch.maximum(a, b))
        forward.append(a < b)
    _, edge, uses = torch.unique(torch.cat(names), return_inverse=True, return_counts=True)
    ahead = torch.zeros_like(uses).index_add(0, edge, torch.cat(forward).to(uses.dtype))
    shared = uses == 2
    return int(shared.sum()), int((shared & (ahead == 1)).sum())
