"""Faces cut off by a view's borders, as `pytorch3d.renderer.mesh.clip`."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.renderer.mesh._z_clip import cut_off

__all__ = ["ClipFrustum", "ClippedFaces", "clip_faces", "convert_clipped_rasterization_to_original_faces"]


@dataclass
class ClipFrustum:
    """Where faces are left out or cut off; None for nowhere.

    Attributes:
        left, right: least and largest x, NDC.
        top, bottom: least and largest y, NDC.
        znear, zfar: least and largest z, view space.
        perspective_correct: whether x and y are divided by depth.
        cull: whether faces outside of one of the borders are left out.
        z_clip_value: the depth at which faces are cut off.
    """

    left: float | None = None
    right: float | None = None
    top: float | None = None
    bottom: float | None = None
    znear: float | None = None
    zfar: float | None = None
    perspective_correct: bool = False
    cull: bool = True
    z_clip_value: float | None = None


@dataclass
class ClippedFaces:
    """What is left of the faces of N meshes.

    Attributes:
        face_verts: [F', 3, 3].
        mesh_to_face_first_idx: [N] int64, each mesh's first row.
        num_faces_per_mesh: [N] int64.
        faces_clipped_to_unclipped_idx: [F'] int64, the face of which each is a part; None if all are left.
        barycentric_conversion: [T, 3, 3], column k is corner k's barycentrics in the whole face; None if no face is
            cut.
        faces_clipped_to_conversion_idx: [F'] int64, rows of `barycentric_conversion`, -1 for whole faces; or None.
        clipped_faces_neighbor_idx: [F'] int64, the other half of a face cut into two triangles, else -1; or None.
    """

    face_verts: Tensor
    mesh_to_face_first_idx: Tensor
    num_faces_per_mesh: Tensor
    faces_clipped_to_unclipped_idx: Tensor | None = None
    barycentric_conversion: Tensor | None = None
    faces_clipped_to_conversion_idx: Tensor | None = None
    clipped_faces_neighbor_idx: Tensor | None = None


def clip_faces(
    face_verts_unclipped: Tensor, mesh_to_face_first_idx: Tensor, num_faces_per_mesh: Tensor, frustum: ClipFrustum
) -> ClippedFaces:
    """Leave out the faces that are outside of a frustum, and cut off those that reach in front of `z_clip_value`.

    Args:
        face_verts_unclipped: [F, 3, 3], x and y in NDC, z in view space.
        mesh_to_face_first_idx: [N] int64, each mesh's first face.
        num_faces_per_mesh: [N] int64.
        frustum: its borders.
    """
    count = len(face_verts_unclipped)
    kept = (~_outside(face_verts_unclipped.detach(), frustum)).nonzero()[:, 0]
    z_clip = frustum.z_clip_value
    behind = face_verts_unclipped.new_zeros(count, dtype=torch.int64)
    if z_clip is not None:
        behind = (face_verts_unclipped.detach()[..., 2] < z_clip).sum(1)
    if len(kept) == count and not bool(behind.any()):
        return ClippedFaces(face_verts_unclipped, mesh_to_face_first_idx, num_faces_per_mesh)
    corners = cut_off(face_verts_unclipped[kept], z_clip, frustum.perspective_correct)
    parents = kept[corners.parents]
    meshes = torch.arange(len(num_faces_per_mesh), device=parents.device).repeat_interleave(num_faces_per_mesh)
    counts = torch.bincount(meshes[parents], minlength=len(num_faces_per_mesh))
    found = ClippedFaces(corners.triangles, counts.cumsum(0) - counts, counts, parents)
    cut = behind[parents]
    if corners.barycentrics is None or not bool(cut.any()):
        return found
    rows = torch.arange(len(parents), device=parents.device)
    first = torch.zeros_like(cut, dtype=torch.bool)
    first[:-1] = parents[:-1] == parents[1:]
    first &= cut == 1
    second = (cut == 1) & ~first
    order = torch.cat([m.nonzero()[:, 0] for m in (cut == 2, first, second)])
    found.barycentric_conversion = corners.barycentrics[order].transpose(1, 2)
    found.faces_clipped_to_conversion_idx = torch.full_like(parents, -1)
    found.faces_clipped_to_conversion_idx[order] = torch.arange(len(order), device=order.device)
    alone = torch.full_like(rows, -1)
    found.clipped_faces_neighbor_idx = torch.where(first, rows + 1, torch.where(second, rows - 1, alone))
    return found


def _outside(face_verts: Tensor, frustum: ClipFrustum) -> Tensor:
    """[F] bool: all corners are beyond the same border, or in front of `z_clip_value`."""
    z = face_verts[..., 2]
    out = torch.zeros(len(face_verts), dtype=torch.bool, device=face_verts.device)
    if frustum.cull:
        # With perspective, x and y say nothing where a corner is behind the camera.
        seen = (z > 0).all(1) if frustum.perspective_correct else torch.ones_like(out)
        for axis, low, high, known in (
            (0, frustum.left, frustum.right, seen),
            (1, frustum.top, frustum.bottom, seen),
            (2, frustum.znear, frustum.zfar, torch.ones_like(out)),
        ):
            values = face_verts[..., axis]
            if low is not None:
                out |= known & (values < low).all(1)
            if high is not None:
                out |= known & (values > high).all(1)
    if frustum.z_clip_value is not None:
        out |= (z < frustum.z_clip_value).all(1)
    return out


def convert_clipped_rasterization_to_original_faces(
    pix_to_face_clipped: Tensor, bary_coords_clipped: Tensor, clipped_faces: ClippedFaces
) -> tuple[Tensor, Tensor]:
    """Fragments of clipped faces as fragments of the whole ones.

    Args:
        pix_to_face_clipped: [N, H, W, K] int64, rows of `face_verts`; -1 for none.
        bary_coords_clipped: [N, H, W, K, 3], world coordinates'.
        clipped_faces: from `clip_faces`.

    Returns:
        pix_to_face [N, H, W, K] int64 and barycentrics [N, H, W, K, 3].
    """
    of_face, rows = clipped_faces.faces_clipped_to_unclipped_idx, clipped_faces.faces_clipped_to_conversion_idx
    if of_face is None or not len(of_face):
        return pix_to_face_clipped, bary_coords_clipped
    empty = pix_to_face_clipped < 0
    at = pix_to_face_clipped.clamp_min(0)
    pix_to_face = of_face[at].masked_fill(empty, -1)
    if rows is None or clipped_faces.barycentric_conversion is None:
        return pix_to_face, bary_coords_clipped
    row = rows[at].masked_fill(empty, -1)
    whole = torch.einsum(
        "...ck,...k->...c", clipped_faces.barycentric_conversion[row.clamp_min(0)], bary_coords_clipped
    )
    return pix_to_face, torch.where((row >= 0)[..., None], whole, bary_coords_clipped)
