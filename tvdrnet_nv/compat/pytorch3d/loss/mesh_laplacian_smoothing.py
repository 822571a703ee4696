"""Vertices near the middle of their neighbours."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.ops.laplacian_matrices import cot_laplacian

__all__ = ["mesh_laplacian_smoothing"]


def mesh_laplacian_smoothing(meshes: Any, method: str = "uniform") -> Tensor:
    """How far vertices are from the weighted mean of their neighbours: the mean of each mesh, and of these the mean
    (Desbrun et al., "Implicit Fairing of Irregular Meshes", 1999; Nealen et al., "Laplacian Mesh Optimization", 2006).

    Args:
        meshes: N meshes.
        method: 'uniform': neighbours count alike; 'cot': by the cotangents of the opposite angles; 'cotcurv': these
            divided by the area, the mean curvature. Weights have no gradients.

    Returns:
        one number, with gradients to the vertices; 0 for empty meshes.

    Raises:
        ValueError: another method.
    """
    if meshes.isempty():
        return torch.zeros(1, dtype=torch.float32, device=meshes.device).requires_grad_()
    verts = meshes.verts_packed()
    if method == "uniform":
        with torch.no_grad():
            L = meshes.laplacian_packed().to(verts.dtype)
        offsets = L @ verts
    elif method in ("cot", "cotcurv"):
        with torch.no_grad():
            L, inverse_areas = cot_laplacian(verts, meshes.faces_packed())
            total = torch.sparse.sum(L, dim=1).to_dense()[:, None]
            share = torch.where(total > 0, 1.0 / total, total)
        summed = L @ verts
        curvature = (summed - total * verts) * (0.25 * inverse_areas)
        offsets = summed * share - verts if method == "cot" else curvature
    else:
        raise ValueError("Method should be one of {uniform, cot, cotcurv}")
    weights = 1.0 / meshes.num_verts_per_mesh()[meshes.verts_packed_to_mesh_idx()]
    return (offsets.norm(dim=1) * weights).sum() / len(meshes)
