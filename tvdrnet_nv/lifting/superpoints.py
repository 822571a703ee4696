"""Superpoints: a mesh cut into small smooth patches, of which objects are made."""

from __future__ import annotations

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting.mesh_graph import MeshGraph, mesh_graph
from tvdrnet_nv.mesh import Mesh

THRESHOLD = 0.01
LEAST = 20


def superpoints(
    mesh: Mesh, threshold: float = THRESHOLD, least: int = LEAST, graph: MeshGraph | None = None
) -> np.ndarray:
    """Segment a mesh by the graph of its edges: Felzenszwalb and Huttenlocher, "Efficient Graph-Based Image
    Segmentation", IJCV 2004.

    An edge weighs 1 - the scalar product of its vertices' normals (see `MeshGraph`), and the square of that where the
    surface is convex: things meet in creases (Karpathy, Miller and Fei-Fei, "Object Discovery in 3D Scenes via Shape
    Analysis", ICRA 2013). From the lightest edge on, the two segments at an edge are joined where it weighs no more
    than the heaviest edge within each of them + threshold / the segment's number of vertices. In the end, segments of
    fewer vertices than `least` join a neighbour over their lightest edge. ScanNet's `.segs.json` is made in this way,
    with the same two numbers.

    Args:
        mesh: the scene.
        threshold: larger ones give larger segments.
        least: how many vertices a segment has, where it has neighbours at all.
        graph: of the mesh, where that is known.

    Returns:
        int64 [V]: the segment of each vertex, from 0 in the order of their first vertices. Vertices that no face uses
        are segments of their own.

    Raises:
        InputError: a threshold that is not above 0, or `least` below 1.
    """
    if not 0 < threshold < float("inf"):
        raise InputError(f"threshold={threshold}: wanted a number above 0")
    if least < 1:
        raise InputError(f"least={least}: wanted 1 vertex or more")
    graph = graph or mesh_graph(mesh)
    weight = np.where(graph.convex, graph.bend**2, graph.bend)
    order = np.argsort(weight, kind="stable")
    roots = _joined(mesh.num_vertices, graph.edges[order], weight[order], threshold, least)
    _, first, number = np.unique(roots, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number]


def _joined(count: int, edges: np.ndarray, weight: np.ndarray, threshold: float, least: int) -> np.ndarray:
    """[count]: the same number for the vertices of a segment. `edges` are in the order of their weights."""
    parent, size, limit = list(range(count)), [1] * count, [threshold] * count

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    left: list[tuple[int, int]] = []
    for a, b, w in zip(edges[:, 0].tolist(), edges[:, 1].tolist(), weight.tolist(), strict=True):
        a, b = root(a), root(b)
        if a == b:
            continue
        if w > limit[a] or w > limit[b]:
            left.append((a, b))
            continue
        if size[a] < size[b]:
            a, b = b, a
        parent[b] = a
        size[a] += size[b]
        limit[a] = w + threshold / size[a]
    for a, b in left:
        a, b = root(a), root(b)
        if a != b and (size[a] < least or size[b] < least):
            if size[a] < size[b]:
                a, b = b, a
            parent[b] = a
            size[a] += size[b]
    return np.array([root(i) for i in range(count)], dtype=np.int64)
