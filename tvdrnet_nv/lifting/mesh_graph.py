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

    Attributes:
        edges: int64 [E, 2], the lower vertex first. Vertices that a file's texture seams split are joined by an edge.
        bend: float64 [E] in 0..2, 1 - the cosine between the two vertices' normals; 0 at a seam.
        convex: bool [E], whether the surface bends away from the side to which its normals point.
        length: float64 [E], scene units.
    """

    edges: np.ndarray
    bend: np.ndarray
    convex: np.ndarray
    length: np.ndarray


def mesh_graph(mesh: Mesh) -> MeshGraph:
    """The graph of the edges of a mesh's faces."""
    joined = mesh.joined_faces.cpu().numpy().astype(np.int64)
    pairs = [joined[:, [0, 1]], joined[:, [1, 2]], joined[:, [2, 0]]]
    if mesh.joined_faces is not mesh.faces:
        drawn = mesh.faces.cpu().numpy().astype(np.int64)
        pairs.append(np.stack([joined.ravel(), drawn.ravel()], 1))
    both = np.concatenate(pairs)
    keys = both.min(1) * mesh.num_vertices + both.max(1)
    keys = np.unique(keys[both[:, 0] != both[:, 1]])
    edges = np.stack(np.divmod(keys, mesh.num_vertices), 1)
    a, b = edges.T
    points = mesh.vertices.detach().cpu().double().numpy()
    normals = mesh.vertex_normals.detach().cpu().double().numpy()
    step = points[b] - points[a]
    bend = np.clip(1 - (normals[a] * normals[b]).sum(1), 0, 2)
    return MeshGraph(edges, bend, (normals[b] * step).sum(1) > 0, np.linalg.norm(step, axis=1))


def crease_weights(graph: MeshGraph) -> np.ndarray:
    """float64 [E] in (0, 1]: how much the ends of each edge belong together: 1 where the surface is smooth.

    exp(-bend / 0.1), with the square of the bend where the surface is convex, but no less than 0.02.
    """
    bend = np.where(graph.convex, graph.bend**2, graph.bend)
    return np.maximum(np.exp(-bend / _BEND), _LEAST)
