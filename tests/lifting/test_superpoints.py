"""Segments of a mesh's graph: creases divide, and a slow twin agrees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.lifting.scenes import axis, box_on_floor, join, patch, square
from tvdrnet_nv import Mesh
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting import superpoints
from tvdrnet_nv.lifting.mesh_graph import crease_weights, mesh_graph
from tvdrnet_nv.lifting.superpoints import _joined
from tvdrnet_nv.scenes import sphere


def slowly(count: int, edges: np.ndarray, weight: np.ndarray, threshold: float, least: int) -> np.ndarray:
    """Felzenszwalb and Huttenlocher's rule with sets: the greatest edge within a segment is looked up anew."""
    segments = [{i} for i in range(count)]
    inner = [0.0] * count

    def of(i: int) -> int:
        return next(n for n, members in enumerate(segments) if i in members)

    def merge(a: int, b: int, w: float) -> None:
        segments[a] |= segments[b]
        segments[b] = set()
        inner[a] = w

    for (i, j), w in zip(edges.tolist(), weight.tolist(), strict=True):
        a, b = of(i), of(j)
        if a != b and w <= min(inner[a] + threshold / len(segments[a]), inner[b] + threshold / len(segments[b])):
            merge(a, b, w)
    for i, j in edges.tolist():
        a, b = of(i), of(j)
        if a != b and min(len(segments[a]), len(segments[b])) < least:
            merge(a, b, 0.0)
    return np.array([of(i) for i in range(count)])


def same_parts(a: np.ndarray, b: np.ndarray) -> bool:
    pairs = np.unique(np.stack([a, b], 1), axis=0)
    return len(pairs) == len(np.unique(a)) == len(np.unique(b))


@pytest.mark.parametrize("least", [1, 4])
@pytest.mark.parametrize("threshold", [0.05, 0.6])
def test_the_forest_agrees_with_sets(threshold: float, least: int) -> None:
    rng = np.random.default_rng(5)
    edges = np.unique(np.sort(rng.integers(0, 60, (150, 2)), 1), axis=0)
    edges = edges[edges[:, 0] != edges[:, 1]]
    weight = rng.random(len(edges)).round(2)
    order = np.argsort(weight, kind="stable")
    found = _joined(60, edges[order], weight[order], threshold, least)
    assert same_parts(found, slowly(60, edges[order], weight[order], threshold, least))


def test_a_crease_divides_and_a_smooth_surface_is_one() -> None:
    assert set(superpoints(sphere(4)).tolist()) == {0}
    floor, wall = patch((0, 0, 0), axis(1, 0, 0), axis(0, 1, 0), 12), patch((0, 1, 0), axis(1, 0, 0), axis(0, 0, 1), 12)
    mesh, of_vertex = join([floor, (wall[0], wall[1])])
    found = superpoints(mesh)
    inner = (mesh.vertices[:, 1] < 0.85) | (mesh.vertices[:, 2] > 0.15)
    assert len(np.unique(found)) == 2
    assert same_parts(found[inner.numpy()], of_vertex[inner].numpy())


def test_numbers_ascend_from_the_first_vertex_and_the_same_every_time() -> None:
    mesh, box = box_on_floor()
    found = superpoints(mesh)
    first = np.unique(found, return_index=True)[1]
    assert found[0] == 0
    assert (np.diff(first) > 0).all()
    assert np.array_equal(found, superpoints(mesh))
    assert np.bincount(found).min() >= 20
    # No segment has vertices of both, which no edge joins.
    assert not set(found[box.numpy()]) & set(found[~box.numpy()])


def test_vertices_of_no_face_are_segments_of_their_own() -> None:
    mesh = square()
    more = Mesh(torch.cat([mesh.vertices, torch.zeros(2, 3)]), mesh.faces, torch.ones(mesh.num_vertices + 2, 3))
    assert superpoints(more).tolist() == [0] * mesh.num_vertices + [1, 2]


def test_the_graph_of_a_bent_sheet() -> None:
    """Two triangles that meet at a right angle: one edge is shared, and counted once."""
    corners = torch.tensor([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    mesh = Mesh(corners, torch.tensor([[0, 1, 2], [1, 0, 3]], dtype=torch.int32), torch.ones(4, 3))
    graph = mesh_graph(mesh)
    assert graph.edges.tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3]]
    # The normals are (0, 1/2, 1/2) at the shared edge's ends, (0, 0, 1) and (0, 1, 0) at the others.
    assert graph.bend == pytest.approx([0.5] * 5, abs=1e-6)
    assert not graph.convex.any()
    assert crease_weights(graph) == pytest.approx([0.02] * 5)
    turned = mesh_graph(replace(mesh, faces=mesh.faces.flip(1)))
    assert turned.convex.tolist() == [False, True, True, True, True]
    assert crease_weights(turned)[1:] == pytest.approx([np.exp(-2.5)] * 4, abs=1e-6)
    flat = mesh_graph(square(cells=2))
    assert flat.bend == pytest.approx([0.0] * len(flat.bend), abs=1e-6)
    assert crease_weights(flat) == pytest.approx([1.0] * len(flat.bend), abs=1e-5)


def test_bad_numbers_are_one_line() -> None:
    with pytest.raises(InputError, match="threshold=0: wanted a number above 0"):
        superpoints(square(), 0)
    with pytest.raises(InputError, match="least=0: wanted 1 vertex or more"):
        superpoints(square(), least=0)
