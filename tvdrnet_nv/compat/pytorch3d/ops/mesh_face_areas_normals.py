"""Areas and normals of faces."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.mesh import cross_products

__all__ = ["mesh_face_areas_normals"]

_EPS = 1e-6  # shorter cross products are not normalised: PyTorch3D's bound


def mesh_face_areas_normals(verts: Tensor, faces: Tensor) -> tuple[Tensor, Tensor]:
    """The faces' areas and unit normals, with gradients.

    Args:
        verts: [V, 3], packed; computed in float32.
        faces: [F, 3] int64.

    Returns:
        areas [F] and normals [F, 3], anticlockwise faces towards the viewer.

    Raises:
        ValueError: another shape.
    """
    for name, tensor in (("verts", verts), ("faces", faces)):
        if tensor.dim() != 2 or tensor.shape[1] != 3:
            raise ValueError(f"{name} must be [n, 3]; got {list(tensor.shape)}")
    crosses = cross_products(verts.float()[faces])
    return crosses.norm(dim=-1) / 2, torch.nn.functional.normalize(crosses, dim=-1, eps=_EPS)
