"""Which part of a scene is meant: weights [V] in [0, 1] of its vertices, as `FocusOn` takes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.labels import Labels
from tvdrnet_nv.mesh import Mesh, cross_products

_PART = 0.5  # of the highest score; less is not part of what is looked at


def all_weights(mesh: Mesh) -> Tensor:
    """1 for every vertex.

    Raises:
        InputError: all faces have zero area.
    """
    return _used(mesh, torch.ones(mesh.num_vertices), "the scene has", "there is nothing to look at")


def label_weights(mesh: Mesh, labels: Labels, wanted: Sequence[str]) -> Tensor:
    """1 for the vertices of some labels, numbers or names, else 0.

    Raises:
        InputError: not one label a vertex, or no vertex has one of the labels.
    """
    count = _file_vertices(mesh)
    if len(labels.of_vertex) != count:
        raise InputError(
            f"{len(labels.of_vertex)} labels, but the scene has {count} vertices; the labels belong to another mesh"
        )
    chosen: list[int] = []
    for name in wanted:
        found = labels.find(name)
        if not found:
            raise InputError(f"no vertex has the label {name!r}; there are {labels.describe()}")
        chosen += found
    return _used(mesh, _of_mesh(mesh, torch.from_numpy(np.isin(labels.of_vertex, chosen))), "the label has")


def mask_weights(mesh: Mesh, mask: np.ndarray, what: str) -> Tensor:
    """1 for the vertices that a mask marks, else 0.

    Args:
        mesh: the scene.
        mask: bool, one for each vertex of the mesh's file.
        what: the part and a verb, for the message: "the object has".

    Raises:
        InputError: the mask marks no surface.
    """
    marked = torch.from_numpy(mask)
    return _used(mesh, marked if mesh.file_vertices is None else marked[mesh.file_vertices], what)


def vertex_weights(mesh: Mesh, vertices: np.ndarray, what: str) -> Tensor:
    """1 for some vertices of the mesh, int64 [N], else 0.

    Raises:
        InputError: they have no surface; `what` begins the message: "the object has".
    """
    marked = torch.zeros(mesh.num_vertices, dtype=torch.bool)
    marked[torch.from_numpy(vertices)] = True
    return _used(mesh, marked, what)


def box_weights(mesh: Mesh, low: Sequence[float], high: Sequence[float]) -> Tensor:
    """1 for the vertices within an axis-aligned box of two opposite corners, in the file's coordinates, else 0.

    Raises:
        InputError: the box holds no vertex of a face.
    """
    corners = mesh.from_file(low), mesh.from_file(high)
    a, b = (torch.tensor(corner, dtype=torch.float32, device=mesh.device) for corner in corners)
    lower, upper = torch.minimum(a, b), torch.maximum(a, b)
    return _used(mesh, ((mesh.vertices >= lower) & (mesh.vertices <= upper)).all(1), "the box holds")


def ball_weights(mesh: Mesh, center: Sequence[float], radius: float) -> Tensor:
    """1 for the vertices within `radius` scene units of a point in the file's coordinates, else 0.

    Raises:
        InputError: there is no vertex of a face.
    """
    middle = torch.tensor(mesh.from_file(center), dtype=torch.float32, device=mesh.device)
    return _used(mesh, (mesh.vertices - middle).norm(dim=1) <= radius, "the ball about the point holds")


def score_weights(mesh: Mesh, scores: np.ndarray) -> Tensor:
    """Scores [V], scaled to a highest of 1; 0 where they are less than half the highest, which is not the part.

    Raises:
        InputError: not one score a vertex, or all are zero.
    """
    count = _file_vertices(mesh)
    if scores.shape != (count,):
        raise InputError(f"{len(scores)} scores, but the scene has {count} vertices; wanted one a vertex")
    highest = scores.max()
    if not highest > 0:
        raise InputError("all scores are zero; the part to look at needs higher ones")
    scaled = _of_mesh(mesh, torch.from_numpy(scores / highest).float()).to(mesh.device)
    return _used(mesh, scaled >= _PART, "the higher scores have") * scaled


def _coordinate(value: float) -> str:
    """Four significant digits, or to the thousandth where these would not reach it."""
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.3f}"


def _file_vertices(mesh: Mesh) -> int:
    """How many vertices the mesh's file has: a mesh whose vertices were split has more."""
    return mesh.num_vertices if mesh.file_vertices is None else int(mesh.file_vertices.max()) + 1


def _of_mesh(mesh: Mesh, values: Tensor) -> Tensor:
    """Values of the file's vertices for those of the mesh."""
    return values if mesh.file_vertices is None else values[mesh.file_vertices]


def _used(mesh: Mesh, marked: Tensor, what: str, advice: str = "choose a larger part") -> Tensor:
    """The mask [V] as numbers, where it marks a surface at all."""
    weights = marked.to(mesh.device, torch.float32)
    faces = mesh.faces[(weights[mesh.faces.long()] > 0).any(1)].long()
    if len(faces) == 0:
        low, high = (", ".join(_coordinate(x) for x in mesh.to_file(corner.tolist())) for corner in mesh.bounds)
        raise InputError(f"{what} no surface; the scene lies between ({low}) and ({high})")
    if not bool(cross_products(mesh.vertices[faces].double()).any()):
        raise InputError(f"{what} only faces of zero area; {advice}")
    return weights
