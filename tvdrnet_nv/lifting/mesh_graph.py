"""The edges of a mesh as a graph of its vertices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tvdrnet_nv.mesh import Mesh

_BEND = 0.1  # 1 - the cosine of 26°
_LEAST = 0.02


@dataclass(frozen=True, eq=False)
class MeshGraph:
    """E edges between vertices, each once, in ascending order of (lower, higher); arrays of the CPU.

    A vertex's normal is here the mean of the unit normals of the faces around it: the rougher the surface, the shorter.

    Attributes:
        edges: int64 [E, 2], the lower vertex first. Vertices that a file's texture seams split are joined by an edge.
        bend: float64 [E] in 0..2, 1 - the scalar product of the two vertices' normals: 0 on a plane, more at creases
            and where the surface is rough.
        convex: bool [E], whether the surface bends back: for either end, the other is behind its plane.
    """

    edges: np.ndarray
    bend: np.ndarray
    convex: np.ndarray


def mesh_graph(mesh: Mesh) -> MeshGraph:
    """The graph of the edges of a mesh's faces."""
    drawn, joined = (faces.cpu().numpy().astype(np.int64) for faces in (mesh.faces, mesh.joined_faces))
    points = mesh.vertices.detach().cpu().double().numpy()
    normals = _normals(points, joined)
    pairs = [joined[:, [0, 1]], joined[:, [1, 2]], joined[:, [2, 0]]]
    if mesh.joined_faces is not mesh.faces:
        normals[drawn] = normals[joined]
        pairs.append(np.stack([joined.ravel(), drawn.ravel()], 1))
    both = np.concatenate(pairs)
    keys = both.min(1) * len(points) + both.max(1)
    keys = np.unique(keys[both[:, 0] != both[:, 1]])
    edges = np.stack(np.divmod(keys, len(points)), 1)
    a, b = edges.T
    step = points[b] - points[a]
    bend = np.clip(1 - (normals[a] * normals[b]).sum(1), 0, 2)
    convex = ((normals[b] * step).sum(1) > 0) | ((normals[a] * step).sum(1) < 0)
    return MeshGraph(edges, bend, convex)


def crease_weights(graph: MeshGraph) -> np.ndarray:
    """float64 [E] in (0, 1]: how much the ends of each edge belong together: 1 where the surface is smooth.

    exp(-bend / 0.1), with the square of the bend where the surface is convex, but no less than 0.02.
    """
    bend = np.where(graph.convex, graph.bend**2, graph.bend)
    return np.maximum(np.exp(-bend / _BEND), _LEAST)


def _normals(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """[V, 3]: the means of the unit normals of the faces around each vertex; 0 where there are none."""
    a, b, c = (points[corner] for corner in faces.T)
    cross = np.cross(b - a, c - a)
    unit = cross / np.maximum(np.linalg.norm(cross, axis=1, keepdims=True), 1e-300)
    total = np.stack(
        [np.bincount(faces.ravel(), np.repeat(unit[:, axis], 3), minlength=len(points)) for axis in range(3)], 1
    )
    return total / np.maximum(np.bincount(faces.ravel(), minlength=len(points)), 1)[:, None]
