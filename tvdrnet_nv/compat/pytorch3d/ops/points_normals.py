"""Normals of clouds of points."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.ops.knn import knn_points
from tvdrnet_nv.compat.pytorch3d.ops.utils import convert_pointclouds_to_tensor

__all__ = ["estimate_pointcloud_local_coord_frames", "estimate_pointcloud_normals", "get_point_covariances"]


def estimate_pointcloud_normals(
    pointclouds: Any,
    neighborhood_size: int = 50,
    disambiguate_directions: bool = True,
    *,
    use_symeig_workaround: bool = True,
) -> Tensor:
    """[N, P, 3]: the direction in which each point's neighbours spread least.

    Arguments are those of `estimate_pointcloud_local_coord_frames`.
    """
    return estimate_pointcloud_local_coord_frames(pointclouds, neighborhood_size, disambiguate_directions)[1][..., 0]


def estimate_pointcloud_local_coord_frames(
    pointclouds: Any,
    neighborhood_size: int = 50,
    disambiguate_directions: bool = True,
    *,
    use_symeig_workaround: bool = True,
) -> tuple[Tensor, Tensor]:
    """The principal axes of each point's neighbours.

    Args:
        pointclouds: [N, P, 3], or Pointclouds.
        neighborhood_size: how many neighbours.
        disambiguate_directions: turn the first and the last axis to the side of most neighbours (Tombari et al.,
            "Unique Signatures of Histograms", 2010).
        use_symeig_workaround: accepted; without effect.

    Returns:
        the variances [N, P, 3] in ascending order, and the axes [N, P, 3, 3], one a column.

    Raises:
        ValueError: points that are not in 3D, or fewer than neighbours are wanted.
    """
    points, counts = convert_pointclouds_to_tensor(pointclouds)
    if points.shape[-1] != 3:
        raise ValueError("The pointclouds argument has to be of shape (minibatch, N, 3)")
    if bool((counts <= neighborhood_size).any()):
        raise ValueError(
            "The neighborhood_size argument has to be strictly smaller than the number of points in each cloud"
        )
    centred = points - (points.sum(1) / counts[:, None])[:, None]
    covariances, near = get_point_covariances(centred, counts, neighborhood_size)
    variances, axes = torch.linalg.eigh(covariances)
    if disambiguate_directions:
        offsets = near - centred[:, :, None]
        first, last = (_towards_most(axes[..., i], offsets) for i in (0, 2))
        axes = torch.stack([first, torch.linalg.cross(first, last), last], dim=-1)
    return variances, axes


def get_point_covariances(
    points_padded: Tensor, num_points_per_cloud: Tensor, neighborhood_size: int
) -> tuple[Tensor, Tensor]:
    """How each point's nearest neighbours spread.

    Args:
        points_padded: [N, P, D].
        num_points_per_cloud: [N] int64.
        neighborhood_size: K, how many neighbours, the point itself among them.

    Returns:
        covariances [N, P, D, D], and the neighbours [N, P, K, D].
    """
    counts = num_points_per_cloud
    near = knn_points(points_padded, points_padded, counts, counts, K=neighborhood_size, return_nn=True).knn
    assert near is not None
    spread = near - near.mean(2, keepdim=True)
    return spread.transpose(2, 3) @ spread / neighborhood_size, near


def _towards_most(axis: Tensor, offsets: Tensor) -> Tensor:
    """The axis [N, P, 3] or its negative: that on whose side more of the offsets [N, P, K, 3] are."""
    ahead = ((offsets * axis[:, :, None]).sum(-1) > 0).sum(-1)
    return torch.where((ahead < 0.5 * offsets.shape[2])[..., None], -axis, axis)
