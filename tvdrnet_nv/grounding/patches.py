"""Which vertices belong together: connected by faces, or close to each other."""

from __future__ import annotations

import itertools

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
    root = _roots(len(of_vertex), np.concatenate([faces[:, :2], faces[:, 1:]]))
    heads, sizes = np.unique(root[faces[:, 0]], return_counts=True)
    return [(int(of_vertex[head]), np.flatnonzero(root == head)) for head in heads[sizes >= least]]


def clusters(points: np.ndarray, cell: float) -> list[np.ndarray]:
    """Rows int64 [M] of points that hang together: they lie in cells of a grid that touch, at corners at least.

    Args:
        points: [N, 3].
        cell: the side of a cell, scene units.
    """
    cells, cell_of = np.unique(np.floor(points / cell).astype(np.int64), axis=0, return_inverse=True)
    place = {tuple(row): i for i, row in enumerate(cells.tolist())}
    steps = [step for step in itertools.product((-1, 0, 1), repeat=3) if step > (0, 0, 0)]
    edges = [
        (i, other)
        for (x, y, z), i in place.items()
        for dx, dy, dz in steps
        if (other := place.get((x + dx, y + dy, z + dz))) is not None
    ]
    root = _roots(len(cells), np.array(edges, dtype=np.int64).reshape(-1, 2))[cell_of.reshape(-1)]
    return [np.flatnonzero(root == head) for head in np.unique(root)]


def _roots(count: int, edges: np.ndarray) -> np.ndarray:
    """[count]: the same number for all that edges [E, 2] join, the least of them."""
    root = np.arange(count)
    while len(edges):  # each round joins roots with lower ones, and shortens the ways to them
        a, b = root[edges[:, 0]], root[edges[:, 1]]
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while not np.array_equal(root[root], root):
            root = root[root]
        edges = edges[root[edges[:, 0]] != root[edges[:, 1]]]
    return root
