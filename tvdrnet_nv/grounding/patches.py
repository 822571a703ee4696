"""Patches of a surface: vertices with the same label that faces connect."""

from __future__ import annotations

import numpy as np

from tvdrnet_nv.mesh import Mesh


def patches(mesh: Mesh, of_vertex: np.ndarray, least: int = 20) -> list[tuple[int, np.ndarray]]:
    """Each label with the vertices of one of its patches: connected by faces whose corners all have the label.

    Args:
        mesh: the surface.
        of_vertex: int [V], a label a vertex.
        least: how many faces a patch must have.
    """
    faces = mesh.faces.cpu().numpy().astype(np.int64)
    faces = faces[(of_vertex[faces] == of_vertex[faces[:, :1]]).all(1)]
    root = np.arange(len(of_vertex))
    edges = np.concatenate([faces[:, :2], faces[:, 1:]])
    while len(edges):  # each round joins roots with lower ones, and shortens the ways to them
        a, b = root[edges[:, 0]], root[edges[:, 1]]
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(root[root], root):
            root = root[root]
        edges = edges[root[edges[:, 0]] != root[edges[:, 1]]]
    heads, sizes = np.unique(root[faces[:, 0]], return_counts=True)
    return [(int(of_vertex[head]), np.flatnonzero(root == head)) for head in heads[sizes >= least]]
