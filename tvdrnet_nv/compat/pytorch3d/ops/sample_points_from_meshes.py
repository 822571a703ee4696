"""Random points on surfaces."""

from __future__ import annotations

from typing import Any

import torch

from tvdrnet_nv.compat.pytorch3d.renderer.mesh._fragments import Fragments

__all__ = ["sample_points_from_meshes"]


def sample_points_from_meshes(
    meshes: Any, num_samples: int = 10000, return_normals: bool = False, return_textures: bool = False
) -> Any:
    """Points that are equally likely everywhere on each mesh's surface.

    Args:
        meshes: N meshes.
        num_samples: S.
        return_normals: whether the faces' normals are wanted.
        return_textures: whether the colours are wanted.

    Returns:
        points [N, S, 3]; or a tuple of them, normals [N, S, 3] if wanted, and colours [N, S, C] if wanted. All zero
        for a mesh without faces.

    Raises:
        ValueError: the meshes are empty, have no finite vertices, or no textures where colours are wanted.
    """
    if meshes.isempty():
        raise ValueError("Meshes are empty.")
    verts = meshes.verts_packed()
    if not bool(torch.isfinite(verts).all()):
        raise ValueError("Meshes contain nan or inf.")
    if return_textures and meshes.textures is None:
        raise ValueError("Meshes do not contain textures.")
    faces = meshes.faces_packed()
    counts, firsts = meshes.num_faces_per_mesh(), meshes.mesh_to_faces_packed_first_idx()
    chosen = torch.zeros(len(meshes), num_samples, dtype=torch.int64, device=verts.device)
    with torch.no_grad():
        areas = meshes.faces_areas_packed()
        for mesh in meshes.valid.nonzero()[:, 0].tolist():
            first = int(firsts[mesh])
            weights = areas[first : first + int(counts[mesh])]
            chosen[mesh] = first + weights.multinomial(num_samples, replacement=True)
    # Turk, "Generating random points in triangles" (1990).
    u, v = torch.rand(2, *chosen.shape, dtype=verts.dtype, device=verts.device)
    root = u.sqrt()
    bary = torch.stack([1.0 - root, root * (1.0 - v), root * v], dim=-1)
    valid = meshes.valid[:, None, None]
    points = (verts[faces[chosen]] * bary[..., None]).sum(2) * valid
    if not return_normals and not return_textures:
        return points
    out = [points]
    if return_normals:
        a, b, c = verts[faces].unbind(1)
        normals = torch.linalg.cross(b - a, c - b)
        normals = normals / normals.norm(dim=1, keepdim=True).clamp_min(torch.finfo(verts.dtype).eps)
        out.append(normals[chosen] * valid)
    if return_textures:
        ids = torch.where(meshes.valid[:, None], chosen, -1)[..., None, None]
        away = torch.zeros_like(ids, dtype=verts.dtype)
        out.append(meshes.sample_textures(Fragments(ids, away, bary[:, :, None, None], away))[:, :, 0, 0])
    return tuple(out)
