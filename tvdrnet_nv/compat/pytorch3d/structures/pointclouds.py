"""`pytorch3d.structures.pointclouds`: batches of clouds of points, and several as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.structures._pointclouds import Pointclouds

__all__ = ["Pointclouds", "join_pointclouds_as_batch", "join_pointclouds_as_scene"]


def _joined(name: str, parts: list[list[Tensor] | None]) -> list[Tensor] | None:
    if all(p is None for p in parts):
        return None
    if any(p is None for p in parts):
        raise ValueError(f"Pointclouds in the batch must all have {name}, or none; got some set to None")
    return [t for p in parts if p is not None for t in p]


def join_pointclouds_as_batch(pointclouds: Sequence[Pointclouds]) -> Pointclouds:
    """One batch of all the clouds, in order.

    Raises:
        ValueError: not a list of Pointclouds, or normals or features that do not go together.
    """
    if isinstance(pointclouds, Pointclouds) or not all(isinstance(p, Pointclouds) for p in pointclouds):
        raise ValueError("Wrong first argument to join_points_as_batch.")
    points = [t for p in pointclouds for t in p.points_list()]
    normals = _joined("normals", [p.normals_list() for p in pointclouds])
    features = _joined("features", [p.features_list() for p in pointclouds])
    if len({f.shape[1] for f in features or []}) > 1:
        raise ValueError("Pointclouds must all have the same number of features")
    return Pointclouds(points, normals, features)


def join_pointclouds_as_scene(pointclouds: Pointclouds | Sequence[Pointclouds]) -> Pointclouds:
    """One cloud of all the clouds; a batch of one."""
    batch: Any = pointclouds if isinstance(pointclouds, Pointclouds) else join_pointclouds_as_batch(pointclouds)
    if len(batch) == 1:
        return batch

    def one(packed: Tensor | None) -> list[Tensor] | None:
        return None if packed is None else [packed]

    return Pointclouds([batch.points_packed()], one(batch.normals_packed()), one(batch.features_packed()))
