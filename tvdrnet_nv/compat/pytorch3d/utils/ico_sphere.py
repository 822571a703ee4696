"""A sphere of nearly equal triangles."""

from __future__ import annotations

import torch

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.structures.meshes import Meshes

__all__ = ["ico_sphere"]


def ico_sphere(level: int = 0, device: Device | None = None) -> Meshes:
    """A unit sphere about the origin: an icosahedron, each of whose faces is cut in four, `level` times.

    Faces are anticlockwise seen from outside. The vertices' and faces' order is not PyTorch3D's.

    Args:
        level: how often; 10·4^level + 2 vertices and 20·4^level faces.
        device: where to put it.
    """
    if level < 0:
        raise ValueError(f"level must be >= 0; got {level}")
    golden = (1 + 5**0.5) / 2
    corners = [(0.0, a, b * golden) for a in (-1, 1) for b in (-1, 1)]
    verts = torch.tensor([[*c[shift:], *c[:shift]] for shift in range(3) for c in corners])
    # The faces are the triples of corners at distance 2 from each other.
    near = torch.cdist(verts, verts).sub(2.0).abs() < 1e-3
    triples = torch.combinations(torch.arange(12), 3)
    a, b, c = triples.unbind(1)
    faces = triples[near[a, b] & near[b, c] & near[a, c]]
    p, q, r = verts[faces].unbind(1)
    inwards = (torch.linalg.cross(q - p, r - p) * p).sum(1) < 0
    faces[inwards] = faces[inwards].flip(1)
    verts = torch.nn.functional.normalize(verts, dim=1)
    for _ in range(level):
        verts, faces = _subdivided(verts, faces)
    return Meshes([verts.to(device)], [faces.to(device)])


def _subdivided(verts: torch.Tensor, faces: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mesh = Meshes([verts], [faces])
    edges = mesh.edges_packed()
    middles = torch.nn.functional.normalize(verts[edges].sum(1), dim=1)
    a, b, c = faces.unbind(1)
    # The new vertices opposite to the corners a, b and c.
    x, y, z = (mesh.faces_packed_to_edges_packed() + len(verts)).unbind(1)
    new = [(a, z, y), (z, b, x), (y, x, c), (x, y, z)]
    return torch.cat([verts, middles]), torch.cat([torch.stack(face, 1) for face in new])
