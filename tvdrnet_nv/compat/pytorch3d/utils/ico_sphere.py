"""A sphere of nearly equal triangles."""

from __future__ import annotations

import torch

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.ops.subdivide_meshes import SubdivideMeshes
from tvdrnet_nv.compat.pytorch3d.structures.meshes import Meshes

__all__ = ["ico_sphere"]

# The icosahedron's faces in the order that icospheres commonly have (A. Kahler, "Creating an icosphere mesh in code",
# 2009), PyTorch3D's too: five around corner 0, the five beside them, five around corner 3, the five beside these.
_FACES = (
    *((0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11)),
    *((1, 5, 9), (5, 11, 4), (11, 10, 2), (10, 7, 6), (7, 1, 8)),
    *((3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8), (3, 8, 9)),
    *((4, 9, 5), (2, 4, 11), (6, 2, 10), (8, 6, 7), (9, 8, 1)),
)


def ico_sphere(level: int = 0, device: Device | None = None) -> Meshes:
    """A unit sphere about the origin: an icosahedron, each of whose faces is cut in four, `level` times.

    Faces are anticlockwise seen from outside. Vertices and faces are in PyTorch3D's order.

    Args:
        level: how often; 10·4^level + 2 vertices and 20·4^level faces.
        device: where to put it.
    """
    if level < 0:
        raise ValueError(f"level must be >= 0; got {level}")
    golden = (1 + 5**0.5) / 2
    # The corners of three rectangles, each in a plane of two axes.
    corners = [(a, b * golden, 0.0) for b in (1, -1) for a in (-1, 1)]
    verts = torch.tensor(
        [[*c[3 - shift :], *c[: 3 - shift]] for shift in range(3) for c in corners], dtype=torch.float32
    )
    mesh = Meshes([torch.nn.functional.normalize(verts, dim=1)], [torch.tensor(_FACES)])
    for _ in range(level):
        mesh = SubdivideMeshes()(mesh)
        mesh = Meshes([torch.nn.functional.normalize(mesh.verts_packed(), dim=1)], mesh.faces_list())
    return mesh.to(device or "cpu")
