"""One set of cameras aligned with another."""

from __future__ import annotations

from typing import Any

import torch

from tvdrnet_nv.compat.pytorch3d.ops.points_alignment import SimilarityTransform, corresponding_points_alignment

__all__ = ["corresponding_cameras_alignment"]


def corresponding_cameras_alignment(
    cameras_src: Any, cameras_tgt: Any, estimate_scale: bool = True, mode: str = "extrinsics", eps: float = 1e-9
) -> Any:
    """The cameras `cameras_src`, moved by the one similarity transform that brings them nearest to `cameras_tgt`.

    Args:
        cameras_src: N cameras.
        cameras_tgt: N cameras, in the same order.
        estimate_scale: whether distances may be scaled.
        mode: 'centers': the cameras' positions are compared, three or more of them; 'extrinsics': their rotations, then
            their translations.
        eps: the least variance.

    Raises:
        ValueError: as many cameras as there are not in the other set, or another mode.
    """
    if len(cameras_src) != len(cameras_tgt):
        raise ValueError("cameras_src and cameras_tgt have to contain the same number of cameras!")
    if mode == "centers":
        align = _by_centers(cameras_src, cameras_tgt, estimate_scale, eps)
    elif mode == "extrinsics":
        align = _by_extrinsics(cameras_src, cameras_tgt, estimate_scale, eps)
    else:
        raise ValueError("mode has to be one of (centers, extrinsics)")
    aligned = cameras_src.clone()
    R = align.R.expand_as(cameras_src.R)
    aligned.R = R @ cameras_src.R
    aligned.T = (align.T[:, None].expand(len(R), 1, 3) @ cameras_src.R)[:, 0] + cameras_src.T * align.s[:, None]
    return aligned


def _by_centers(source: Any, target: Any, estimate_scale: bool, eps: float) -> SimilarityTransform:
    found = corresponding_points_alignment(
        source.get_camera_center()[None], target.get_camera_center()[None], None, estimate_scale, False, eps
    )
    # From where points are to what cameras do with them.
    R = found.R.transpose(1, 2)
    return SimilarityTransform(R, -(found.T[:, None] @ R)[:, 0], found.s)


def _by_extrinsics(source: Any, target: Any, estimate_scale: bool, eps: float) -> SimilarityTransform:
    product = (source.R @ target.R.transpose(1, 2)).mean(0)
    U, _, Vh = torch.linalg.svd(product)
    sign = torch.ones(3, dtype=U.dtype, device=U.device)
    sign = torch.cat([sign[:2], torch.linalg.det(U @ Vh)[None]])
    R = ((U * sign) @ Vh).transpose(0, 1)
    # Of T_target = s · T_source + t @ R_source, each seen in the world's axes.
    A = (source.R @ source.T[:, :, None])[..., 0]
    B = (source.R @ target.T[:, :, None])[..., 0]
    mean_a, mean_b = A.mean(0, keepdim=True), B.mean(0, keepdim=True)
    scale = torch.ones((), dtype=A.dtype, device=A.device)
    if estimate_scale and len(A) > 1:
        centred = A - mean_a
        scale = (centred * (B - mean_b)).mean() / centred.square().mean().clamp_min(eps)
    return SimilarityTransform(R[None], mean_b - scale * mean_a, scale.reshape(1))
