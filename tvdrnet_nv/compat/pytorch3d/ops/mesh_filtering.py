"""Smoothing without shrinking."""

from __future__ import annotations

from typing import Any

import torch

from tvdrnet_nv.compat.pytorch3d.ops.laplacian_matrices import norm_laplacian

__all__ = ["taubin_smoothing"]


def taubin_smoothing(meshes: Any, lambd: float = 0.53, mu: float = -0.53, num_iter: int = 10) -> Any:
    """Meshes with vertices smoothed, and spread again, in turn, by weights that fall off with the edges' lengths
    (Taubin, "Curve and surface smoothing without shrinkage", 1995).

    Args:
        meshes: N meshes.
        lambd: how far each vertex moves towards the mean of its neighbours.
        mu: likewise, afterwards; negative.
        num_iter: how often.
    """
    verts, edges = meshes.verts_packed(), meshes.edges_packed()
    for _ in range(num_iter):
        for factor in (lambd, mu):
            L = norm_laplacian(verts, edges)
            total = torch.sparse.sum(L, dim=1).to_dense()[:, None]
            verts = (1 - factor) * verts + factor * (L @ verts) / total
    parts = verts.split(meshes.num_verts_per_mesh().tolist())
    return type(meshes)(list(parts), meshes.faces_list(), meshes.textures)
