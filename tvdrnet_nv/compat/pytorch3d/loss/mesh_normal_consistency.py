"""Neighbouring faces that point the same way."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

__all__ = ["mesh_normal_consistency"]


def mesh_normal_consistency(meshes: Any) -> Tensor:
    """One minus the cosine between the normals of each two faces with a common edge: the mean of each mesh, and of
    these the mean. The faces' orientation does not count.

    Args:
        meshes: N meshes.

    Returns:
        one number, with gradients to the vertices; 0 for empty meshes, and where no edge is shared.
    """
    nothing = torch.zeros(1, dtype=torch.float32, device=meshes.device)
    if meshes.isempty():
        return nothing.requires_grad_()
    edges, first, second = _pairs(meshes)
    if len(edges) == 0:
        return nothing.requires_grad_()
    verts, ends = meshes.verts_packed(), meshes.edges_packed()[edges]
    start = verts[ends[:, 0]]
    along = verts[ends[:, 1]] - start
    # Both as if the edge were traversed the same way: the two faces are on opposite sides of it.
    one = torch.linalg.cross(verts[first] - start, along)
    other = -torch.linalg.cross(verts[second] - start, along)
    mesh = meshes.edges_packed_to_mesh_idx()[edges]
    weights = 1.0 / torch.bincount(mesh, minlength=len(meshes))[mesh]
    return ((1 - cosine_similarity(one, other, dim=1)) * weights).sum() / len(meshes)


def _pairs(meshes: Any) -> tuple[Tensor, Tensor, Tensor]:
    """For each two faces with a common edge: the edge, and each face's vertex opposite to it."""
    with torch.no_grad():
        edge = meshes.faces_packed_to_edges_packed().reshape(-1)
        corner = meshes.faces_packed().reshape(-1)
        order = edge.argsort(stable=True)
        edge, corner = edge[order], corner[order]
        count = torch.bincount(edge, minlength=len(meshes.edges_packed()))
        edges, first, second = [], [], []
        # The d-th neighbour in the list of an edge's faces is a face of the same edge, or there is none.
        for d in range(1, int(count.max())):
            same = edge[d:] == edge[:-d]
            edges.append(edge[d:][same])
            first.append(corner[:-d][same])
            second.append(corner[d:][same])
        if not edges:
            return edge[:0], corner[:0], corner[:0]
        return torch.cat(edges), torch.cat(first), torch.cat(second)
