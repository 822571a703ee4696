"""Meshes with four faces for each."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["SubdivideMeshes"]


class SubdivideMeshes(nn.Module):
    """Cuts each face in four, at the middles of its edges.

    Args:
        meshes: one mesh, if all batches are to have its faces; then features come as [N, V', C].
    """

    def __init__(self, meshes: Any = None) -> None:
        super().__init__()
        self._same_faces = meshes is not None

    def subdivide_homogeneous(self, meshes: Any, feats: Tensor | None = None) -> Any:
        """As `forward` with meshes that share their faces: `feats` is [N, V, C] or packed, what comes is [N, V', C]."""
        packed = None if feats is None else feats.reshape(-1, feats.shape[-1])
        found = self._subdivided(meshes, packed)
        return found if feats is None else (found[0], found[1].reshape(len(meshes), -1, feats.shape[-1]))

    def forward(self, meshes: Any, feats: Tensor | None = None) -> Any:
        """Subdivide.

        Args:
            meshes: N meshes.
            feats: [ΣV, C], features of the vertices, packed; the new vertices get the mean of their edge's. If the
                meshes share their faces, [N, V, C] too.

        Returns:
            the meshes, without textures; with `feats` also the new features [ΣV', C], or [N, V', C].
        """
        return (self.subdivide_homogeneous if self._same_faces else self._subdivided)(meshes, feats)

    def _subdivided(self, meshes: Any, feats: Tensor | None) -> Any:
        verts, edges = meshes.verts_packed(), meshes.edges_packed()
        edge_of = meshes.faces_packed_to_edges_packed()
        first_v, first_e = meshes.mesh_to_verts_packed_first_idx().tolist(), [0]
        counts_v, counts_e = meshes.num_verts_per_mesh().tolist(), meshes.num_edges_per_mesh().tolist()
        for count in counts_e[:-1]:
            first_e.append(first_e[-1] + count)
        new_verts, new_faces, new_feats = [], [], []
        faces_of = edge_of.split(meshes.num_faces_per_mesh().tolist())
        for i, faces in enumerate(meshes.faces_list()):
            own = slice(first_v[i], first_v[i] + counts_v[i])
            ends = edges[first_e[i] : first_e[i] + counts_e[i]]
            new_verts.append(torch.cat([verts[own], verts[ends].mean(1)]))
            if feats is not None:
                new_feats.append(torch.cat([feats[own], feats[ends].mean(1)]))
            a, b, c = faces.unbind(1)
            x, y, z = (faces_of[i] - first_e[i] + counts_v[i]).unbind(1)  # opposite to the corners
            parts = [(a, z, y), (b, x, z), (c, y, x), (x, y, z)]
            new_faces.append(torch.cat([torch.stack(part, 1) for part in parts]))
        out = type(meshes)(new_verts, new_faces)
        return out if feats is None else (out, torch.cat(new_feats))
