"""A mesh in words, and as a small picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from tvdrnet_nv.showing.preview import preview
from tvdrnet_nv.surface_points import spread_points

if TYPE_CHECKING:
    from tvdrnet_nv.mesh import Mesh

_POINTS = 300_000


def mesh_facts(mesh: Mesh) -> dict[str, str]:
    """What a person asks of a mesh, by name; the values can be read by themselves."""
    looks = "vertex colours" if mesh.textures is None else f"{len(mesh.textures.images)} textures"
    low, high = mesh.bounds
    facts = {
        "vertices": f"{mesh.num_vertices:,} vertices",
        "faces": f"{mesh.num_faces:,} triangles",
        "looks": looks,
        "size": f"{' × '.join(f'{side:.4g}' for side in (high - low).tolist())} units",
    }
    if any(mesh.origin):
        facts["origin"] = f"origin {', '.join(f'{x:.10g}' for x in mesh.origin)}"
    return facts | {"device": str(mesh.device)}


def mesh_preview(mesh: Mesh) -> np.ndarray:
    """`uint8 [H, W, 3]`: points on the surface in their vertices' colours, which stand for pictures as well."""
    faces = mesh.faces.long().cpu()
    corners = mesh.vertices.detach().cpu().double()[faces]
    crosses = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas = crosses.norm(dim=1)
    face, u, v = spread_points(areas if bool(areas.any()) else torch.ones_like(areas), _POINTS)
    share = torch.stack([1 - u - v, u, v], 1)[..., None]
    colors = mesh.colors.detach().cpu().double()[faces[face]]
    normals = torch.nn.functional.normalize(crosses[face], dim=1, eps=1e-30)
    points, shades = ((values * share).sum(1).numpy() for values in (corners[face], colors))
    return preview(points, normals.numpy(), shades)
