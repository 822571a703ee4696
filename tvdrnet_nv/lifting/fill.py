"""Scores where nothing was seen, from superpoints and neighbours."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.lifting.mesh_graph import MeshGraph, crease_weights, mesh_graph
from tvdrnet_nv.mesh import Mesh


def superpoint_vote(scores: Tensor, segments: np.ndarray, weights: Tensor | None = None) -> Tensor:
    """Give every vertex the mean score of its segment, unseen vertices included.

    Args:
        scores: float [V] or [V, C]; NaN where unknown.
        segments: int64 [V], the segment of each vertex: `superpoints`, or a data set's.
        weights: float [V], 0 or more, what each vertex counts; by default all alike.

    Returns:
        float32 [V] or [V, C]; NaN in segments of which nothing is known.

    Raises:
        InputError: numbers of vertices that differ, or a negative weight.
    """
    place = torch.from_numpy(np.unique(check_segments(segments, len(scores)), return_inverse=True)[1])
    rows = scores.to("cpu", torch.float32).reshape(len(scores), -1)
    known = ~rows.isnan().any(1)
    share = known.float() if weights is None else known * weights.to("cpu", torch.float32)
    if share.shape != known.shape or not bool((share >= 0).all()):
        raise InputError(f"weights: wanted {len(scores)} numbers of 0 or more")
    count = int(place.max()) + 1 if len(place) else 0
    total = torch.zeros(count, rows.shape[1]).index_add_(0, place, rows.nan_to_num(nan=0.0) * share[:, None])
    weight = torch.zeros(count).index_add_(0, place, share)
    mean = torch.where((weight > 0)[:, None], total / weight.clamp_min(1e-30)[:, None], torch.nan)
    return mean[place].reshape(scores.shape)


def fill_unseen(
    mesh: Mesh, scores: Tensor, segments: np.ndarray | None = None, graph: MeshGraph | None = None
) -> tuple[Tensor, Tensor]:
    """Scores for unseen vertices: that of the superpoint, and else that of the neighbours.

    Known scores stay as they are. What is left spreads over the mesh's edges from the known vertices on, ring by ring;
    a vertex takes the mean of its known neighbours, in which creases count little.

    Args:
        mesh: the scene.
        scores: float [V] or [V, C]; NaN where unknown.
        segments: int64 [V], whose means come first; None for neighbours alone.
        graph: of the mesh, where that is known.

    Returns:
        float32 of the shape of `scores`, NaN only where a whole piece of the mesh is unknown; and bool [V], which
        vertices were filled.

    Raises:
        InputError: numbers of vertices that differ.
    """
    if len(scores) != mesh.num_vertices:
        raise InputError(f"scores: {len(scores)}, but the mesh has {mesh.num_vertices} vertices")
    found = scores.to("cpu", torch.float32).reshape(len(scores), -1)
    missing = found.isnan().any(1)
    if segments is not None:
        found = torch.where(missing[:, None], superpoint_vote(found, segments), found)
    graph = graph or mesh_graph(mesh)
    a, b = torch.from_numpy(graph.edges).T
    weight = torch.from_numpy(crease_weights(graph)).float()[:, None]
    known = ~found.isnan().any(1)
    found = found.nan_to_num(nan=0.0)
    front = known[a] != known[b]
    while bool(front.any()):
        inner, outer = torch.where(known[a], a, b)[front], torch.where(known[a], b, a)[front]
        total = torch.zeros_like(found).index_add_(0, outer, weight[front] * found[inner])
        share = torch.zeros(len(found), 1).index_add_(0, outer, weight[front])
        reached = share[:, 0] > 0
        found = torch.where(reached[:, None], total / share.clamp_min(1e-30), found)
        known |= reached
        front = known[a] != known[b]
    found = torch.where(known[:, None], found, torch.nan)
    return found.reshape(scores.shape), missing & known


def segments_of_mesh(mesh: Mesh, segments: np.ndarray) -> np.ndarray:
    """int [V]: segments of the mesh's vertices, given for these or for the vertices of the mesh's file.

    Raises:
        InputError: they are no whole numbers, or of another mesh.
    """
    of_file = mesh.file_vertices
    if of_file is not None and np.ndim(segments) == 1 and len(segments) > int(of_file.max()):
        segments = np.asarray(segments)[of_file.numpy()]
    return check_segments(segments, mesh.num_vertices)


def check_segments(segments: np.ndarray, vertices: int) -> np.ndarray:
    """The segments, int [V].

    Raises:
        InputError: they are no whole numbers, or of another mesh.
    """
    found = np.asarray(segments)
    if found.ndim != 1 or found.dtype.kind not in "iu":
        raise InputError(f"segments: {found.dtype} {list(found.shape)}; wanted whole numbers [{vertices}]")
    if len(found) != vertices:
        raise InputError(f"segments: of {len(found)} vertices, but the mesh has {vertices}; give those of this mesh")
    return found
