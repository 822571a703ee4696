"""Edges of one length."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

__all__ = ["mesh_edge_loss"]


def mesh_edge_loss(meshes: Any, target_length: float = 0.0) -> Tensor:
    """The squared difference of the edges' lengths to `target_length`: the mean of each mesh, and of these the mean.

    Args:
        meshes: N meshes.
        target_length: scene units.

    Returns:
        one number, with gradients to the vertices; 0 for empty meshes.
    """
    if meshes.isempty():
        return torch.zeros(1, dtype=torch.float32, device=meshes.device).requires_grad_()
    a, b = meshes.verts_packed()[meshes.edges_packed()].unbind(1)
    weights = 1.0 / meshes.num_edges_per_mesh()[meshes.edges_packed_to_mesh_idx()]
    return (((a - b).norm(dim=1) - target_length).square() * weights).sum() / len(meshes)
