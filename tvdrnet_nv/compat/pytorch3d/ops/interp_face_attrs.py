"""Attributes of vertices, or of faces' corners, where the fragments are."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.ops import interpolate

__all__ = ["interpolate_face_attributes", "interpolate_face_attributes_python"]

_ONE = 1e-2  # barycentrics' sums that differ more from 1 are no rounding


def interpolate_vertex_attributes(pix_to_face: Tensor, bary_coords: Tensor, attr: Tensor, faces: Tensor) -> Tensor:
    """Attributes of vertices where the fragments are.

    Args:
        pix_to_face: [N, H, W, K] int64, rows of `faces`, negative at the background.
        bary_coords: [N, H, W, K, 3].
        attr: [V, A], the vertices' attributes.
        faces: [F, 3], integer.

    Returns:
        [N, H, W, K, A], zero at the background; the sum of the corners' attributes times the barycentrics, which need
        not add up to one.
    """
    n, h, w, k = pix_to_face.shape
    covered = pix_to_face >= 0
    # The op has two barycentrics, and the third is what is missing to 1.
    total = torch.where(covered, bary_coords.sum(-1), 1.0)
    if bool(((total.detach() - 1).abs() > _ONE).any()):  # of no point on a face: division by the sum would lose digits
        return interpolate_face_attributes_python(pix_to_face, bary_coords, attr[faces.long()])
    rast = torch.stack(
        [
            bary_coords[..., 0] / total,
            bary_coords[..., 1] / total,
            torch.zeros_like(total),
            (pix_to_face + 1).clamp_min(0).to(total.dtype),
        ],
        dim=-1,
    )
    layers = rast.permute(0, 3, 1, 2, 4).reshape(n * k, h, w, 4)
    out, _ = interpolate(attr.to(total.dtype), layers, faces.to(torch.int32))
    return out.reshape(n, k, h, w, -1).permute(0, 2, 3, 1, 4) * total[..., None]


def interpolate_face_attributes(pix_to_face: Tensor, barycentric_coords: Tensor, face_attributes: Tensor) -> Tensor:
    """Attributes of faces' corners where the fragments are, as PyTorch3D's function of that name.

    Args:
        pix_to_face: [N, H, W, K] int64, rows of `face_attributes`, negative at the background.
        barycentric_coords: [N, H, W, K, 3].
        face_attributes: [F, 3, A].

    Returns:
        [N, H, W, K, A], zero at the background.

    Raises:
        ValueError: a wrong shape.
    """
    if face_attributes.dim() != 3 or face_attributes.shape[1] != 3:
        raise ValueError(f"Faces can only have three vertices; got {list(face_attributes.shape)}")
    if barycentric_coords.shape != (*pix_to_face.shape, 3):
        raise ValueError(
            f"pix_to_face must have shape (N, H, W, K) and barycentric_coords (N, H, W, K, 3); got "
            f"{list(pix_to_face.shape)} and {list(barycentric_coords.shape)}"
        )
    corners = torch.arange(3 * len(face_attributes), device=face_attributes.device).reshape(-1, 3)
    return interpolate_vertex_attributes(pix_to_face, barycentric_coords, face_attributes.flatten(0, 1), corners)


def at_vertices(fragments: Any, attr: Tensor, faces: Tensor) -> Tensor:
    """`interpolate_vertex_attributes` at fragments, of which ours know what the op needs."""
    rast = fragments.rast() if hasattr(fragments, "rast") else None
    if rast is not None:
        n, h, w, k = fragments.pix_to_face.shape
        out, _ = interpolate(attr.to(rast.dtype), rast, faces.to(torch.int32))
        return out.reshape(n, k, h, w, -1).permute(0, 2, 3, 1, 4)
    return interpolate_vertex_attributes(fragments.pix_to_face, fragments.bary_coords, attr, faces)


def interpolate_face_attributes_python(
    pix_to_face: Tensor, barycentric_coords: Tensor, face_attributes: Tensor
) -> Tensor:
    """`interpolate_face_attributes` in plain PyTorch, without our ops."""
    corners = face_attributes[pix_to_face.clamp_min(0)]
    found = (barycentric_coords[..., None] * corners).sum(dim=-2)
    return found.masked_fill((pix_to_face < 0)[..., None], 0.0)
