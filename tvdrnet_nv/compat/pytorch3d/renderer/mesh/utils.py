"""`pytorch3d.renderer.mesh.utils`: rectangles that are packed; what is done with barycentrics, private there, too."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.ops.interp_face_attrs import interpolate_vertex_attributes
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._packing import (
    PackedRectangle,
    PackedRectangles,
    Rectangle,
    pack_rectangles,
    pack_unique_rectangles,
)

__all__ = [
    "PackedRectangle",
    "PackedRectangles",
    "Rectangle",
    "_clip_barycentric_coordinates",
    "_interpolate_zbuf",
    "pack_rectangles",
    "pack_unique_rectangles",
]

_LEAST_SUM = 1e-5


def _clip_barycentric_coordinates(bary: Tensor) -> Tensor:
    """[..., 3]: negative ones become 0, and the rest have a sum of one again; three times -1, no face, stays."""
    clipped = bary.clamp_min(0.0)
    clipped = clipped / clipped.sum(-1, keepdim=True).clamp_min(_LEAST_SUM)
    return clipped.masked_fill((bary == -1).all(-1, keepdim=True), -1.0)


def _interpolate_zbuf(pix_to_face: Tensor, barycentric_coords: Tensor, meshes: Any) -> Tensor:
    """[N, H, W, K]: the vertices' z at fragments, -1 where there is none.

    Args:
        pix_to_face: [N, H, W, K] int64.
        barycentric_coords: [N, H, W, K, 3].
        meshes: N meshes, z in view space.
    """
    z = meshes.verts_packed()[:, 2:]
    depth = interpolate_vertex_attributes(pix_to_face, barycentric_coords, z, meshes.faces_packed())[..., 0]
    return depth.masked_fill(pix_to_face < 0, -1.0)
