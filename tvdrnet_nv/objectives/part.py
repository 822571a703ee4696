"""A part of a scene as an objective looks at it: its faces alone, what may hide it, points on its surface."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tvdrnet_nv.mesh import Mesh, cross_products
from tvdrnet_nv.surface_points import spread_points


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a scene.

    Attributes:
        whole: the scene, each vertex painted with its weight.
        alone: the part's faces, painted alike; `whole` itself where the part is everything.
        others: the faces of which no vertex belongs to the part; None where there are none.
        points: [N, 3] float32 on the part's surface, each standing for the same share of its area times weight.
        normals: [N, 3] unit normals of the points' faces, world frame; counter-clockwise faces point at the viewer.
        center: [3], the middle of the part's bounds.
        radius: of the smallest sphere about `center` that holds the part, scene units.
    """

    whole: Mesh
    alone: Mesh
    others: Mesh | None
    points: Tensor
    normals: Tensor
    center: Tensor
    radius: float


def part_of(mesh: Mesh, weights: Tensor, count: int) -> Part:
    """The part of `mesh` that `weights` [V] mark, with `count` points on its surface.

    A face belongs to the part when a vertex of it does, and weighs what its vertices weigh on average.

    Raises:
        ValueError: weights of a wrong shape, below zero or above one, not finite, all zero on the faces, or on faces
            without area only.
    """
    weights = _checked(mesh, weights)
    corners = weights[mesh.faces.long()]
    inside = (corners > 0).any(1)
    if not bool(inside.any()):
        raise ValueError("weights are zero on every vertex that faces use: there is nothing to look at")
    triangles = mesh.vertices[mesh.faces[inside].long()].double()
    cross = cross_products(triangles)
    masses = cross.norm(dim=1) * corners[inside].double().mean(1)
    if not float(masses.sum()) > 0:
        raise ValueError("weights mark only faces of zero area: there is nothing to look at")
    face, u, v = spread_points(masses, count, offset=0.5)
    a, b, c = triangles[face].unbind(1)
    points = a + u[:, None] * (b - a) + v[:, None] * (c - a)
    whole, everything = _some_faces(mesh, None, weights), bool(inside.all())
    alone = whole if everything else _some_faces(mesh, inside, weights)
    return Part(
        whole=whole,
        alone=alone,
        others=None if everything else _some_faces(mesh, ~inside, weights),
        points=points.float(),
        normals=torch.nn.functional.normalize(cross[face], dim=1).float(),
        center=alone.center,
        radius=alone.radius,
    )


def _checked(mesh: Mesh, weights: Tensor) -> Tensor:
    if weights.shape != (mesh.num_vertices,):
        raise ValueError(f"weights must have shape [{mesh.num_vertices}], one a vertex; got {list(weights.shape)}")
    weights = weights.detach().to(mesh.device, torch.float32)
    if not bool(((weights >= 0) & (weights <= 1)).all()):
        raise ValueError(f"weights must lie in 0..1; got {float(weights.min()):g}..{float(weights.max()):g}")
    return weights


def _some_faces(mesh: Mesh, faces: Tensor | None, weights: Tensor) -> Mesh:
    """The faces of a mask [F] with their vertices, or all; painted with the weights."""
    colors = weights[:, None].expand(-1, 3)
    if faces is None:
        return Mesh(mesh.vertices, mesh.faces, colors)
    used, faces_of_used = torch.unique(mesh.faces[faces], return_inverse=True)
    used = used.long()
    return Mesh(mesh.vertices[used], faces_of_used.to(torch.int32), colors[used])
