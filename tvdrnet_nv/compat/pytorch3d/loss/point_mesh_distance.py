"""Distances between clouds of points and meshes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.loss._point_distances import nearest, to_edge, to_triangle

__all__ = [
    "edge_point_distance",
    "face_point_distance",
    "point_edge_distance",
    "point_face_distance",
    "point_mesh_edge_distance",
    "point_mesh_face_distance",
]

MIN_TRIANGLE_AREA = 5e-3


def _counts(first_idx: Tensor, total: int) -> list[int]:
    ends = [*first_idx.tolist()[1:], total]
    return [end - first for first, end in zip(first_idx.tolist(), ends, strict=True)]


def _both(
    points: Tensor, points_first: Tensor, shapes: Tensor, shapes_first: Tensor, distance: Callable[..., Tensor]
) -> tuple[Tensor, Tensor]:
    """Squared distances of each point to the nearest shape [ΣP], and of each shape to the nearest point [ΣS]."""
    counts = _counts(points_first, len(points)), _counts(shapes_first, len(shapes))
    of_points, of_shapes = nearest(points, shapes, *counts, distance)
    there = torch.where(of_points >= 0, distance(points, shapes[of_points]), 0.0)
    back = torch.where(of_shapes >= 0, distance(points[of_shapes], shapes), 0.0)
    return there, back


def point_face_distance(
    points: Tensor,
    points_first_idx: Tensor,
    tris: Tensor,
    tris_first_idx: Tensor,
    max_points: int,
    min_triangle_area: float = MIN_TRIANGLE_AREA,
) -> Tensor:
    """Squared distances [ΣP] of packed points [ΣP, 3] to the nearest of the triangles [ΣF, 3, 3] of their element.

    Args:
        points: packed points.
        points_first_idx: [N] int64, the first point of each element of the batch.
        tris: packed triangles.
        tris_first_idx: [N] int64, the first triangle of each element.
        max_points: accepted; without effect.
        min_triangle_area: smaller triangles count as their edges.
    """
    distance = partial(to_triangle, min_triangle_area=min_triangle_area)
    return _both(points, points_first_idx, tris, tris_first_idx, distance)[0]


def face_point_distance(
    points: Tensor,
    points_first_idx: Tensor,
    tris: Tensor,
    tris_first_idx: Tensor,
    max_tris: int,
    min_triangle_area: float = MIN_TRIANGLE_AREA,
) -> Tensor:
    """Squared distances [ΣF] of triangles to the nearest point; arguments as `point_face_distance`."""
    distance = partial(to_triangle, min_triangle_area=min_triangle_area)
    return _both(points, points_first_idx, tris, tris_first_idx, distance)[1]


def point_edge_distance(
    points: Tensor, points_first_idx: Tensor, segms: Tensor, segms_first_idx: Tensor, max_points: int
) -> Tensor:
    """Squared distances [ΣP] of points to the nearest segment [ΣE, 2, 3]; else as `point_face_distance`."""
    return _both(points, points_first_idx, segms, segms_first_idx, to_edge)[0]


def edge_point_distance(
    points: Tensor, points_first_idx: Tensor, segms: Tensor, segms_first_idx: Tensor, max_segms: int
) -> Tensor:
    """Squared distances [ΣE] of segments to the nearest point; else as `point_edge_distance`."""
    return _both(points, points_first_idx, segms, segms_first_idx, to_edge)[1]


def _mean_of_means(distances: Tensor, element: Tensor, count: int) -> Tensor:
    weights = 1.0 / torch.bincount(element, minlength=count)[element]
    return (distances * weights).sum() / count


def _check(meshes: Any, pcls: Any) -> None:
    if len(meshes) != len(pcls):
        raise ValueError("meshes and pointclouds must be equal sized batches")


def point_mesh_edge_distance(meshes: Any, pcls: Any) -> Tensor:
    """Squared distances of each point to the nearest edge of its mesh and back: means of each, added.

    Args:
        meshes: N meshes.
        pcls: N clouds, Pointclouds.

    Raises:
        ValueError: as many clouds as there are not meshes.
    """
    _check(meshes, pcls)
    segments = meshes.verts_packed()[meshes.edges_packed()]
    there, back = _both(
        pcls.points_packed(),
        pcls.cloud_to_packed_first_idx(),
        segments,
        meshes.mesh_to_edges_packed_first_idx(),
        to_edge,
    )
    count = len(meshes)
    return _mean_of_means(there, pcls.packed_to_cloud_idx(), count) + _mean_of_means(
        back, meshes.edges_packed_to_mesh_idx(), count
    )


def point_mesh_face_distance(meshes: Any, pcls: Any, min_triangle_area: float = MIN_TRIANGLE_AREA) -> Tensor:
    """Squared distances of each point to the nearest face of its mesh and back: means of each, added.

    Args:
        meshes: N meshes.
        pcls: N clouds, Pointclouds.
        min_triangle_area: smaller triangles count as their edges.

    Raises:
        ValueError: as many clouds as there are not meshes.
    """
    _check(meshes, pcls)
    triangles = meshes.verts_packed()[meshes.faces_packed()]
    distance = partial(to_triangle, min_triangle_area=min_triangle_area)
    there, back = _both(
        pcls.points_packed(),
        pcls.cloud_to_packed_first_idx(),
        triangles,
        meshes.mesh_to_faces_packed_first_idx(),
        distance,
    )
    count = len(meshes)
    return _mean_of_means(there, pcls.packed_to_cloud_idx(), count) + _mean_of_means(
        back, meshes.faces_packed_to_mesh_idx(), count
    )
