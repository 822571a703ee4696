"""Similarity transforms between clouds of points."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.ops.knn import knn_points
from tvdrnet_nv.compat.pytorch3d.ops.utils import convert_pointclouds_to_tensor, is_pointclouds, wmean

__all__ = [
    "ICPSolution",
    "SimilarityTransform",
    "corresponding_points_alignment",
    "iterative_closest_point",
]


class SimilarityTransform(NamedTuple):
    """Y = s · X @ R + T, with R [N, D, D], T [N, D], s [N]."""

    R: Tensor
    T: Tensor
    s: Tensor


class ICPSolution(NamedTuple):
    """What `iterative_closest_point` found: whether it converged, the root mean square error [N], the moved points, the
    transform, and the transforms of all iterations."""

    converged: bool
    rmse: Tensor
    Xt: Any
    RTs: SimilarityTransform
    t_history: list[SimilarityTransform]


def corresponding_points_alignment(
    X: Any,
    Y: Any,
    weights: Tensor | list[Tensor] | None = None,
    estimate_scale: bool = False,
    allow_reflection: bool = False,
    eps: float = 1e-9,
) -> SimilarityTransform:
    """The rotation, translation and scale that bring X nearest to Y, point by point (Umeyama 1991).

    Args:
        X: [N, P, D], or Pointclouds.
        Y: likewise.
        weights: [N, P], or N tensors [P_i].
        estimate_scale: whether the scale is found too; otherwise it is 1.
        allow_reflection: whether R may be a reflection.
        eps: the least variance, and the least sum of weights.

    Raises:
        ValueError: shapes that do not match.
    """
    x, counts = convert_pointclouds_to_tensor(X)
    y, counts_y = convert_pointclouds_to_tensor(Y)
    if x.shape != y.shape or bool((counts != counts_y).any()):
        raise ValueError("Point sets X and Y have to have the same number of batches, points and dimensions.")
    if isinstance(weights, (list, tuple)):
        weights = torch.nn.utils.rnn.pad_sequence(list(weights), batch_first=True)
    if weights is not None and weights.shape != x.shape[:2]:
        raise ValueError("weights should have the same first two dimensions as X.")
    n, p, d = x.shape
    there = (torch.arange(p, device=x.device) < counts[:, None]).to(x.dtype)
    w = there if weights is None else there * weights
    mean_x, mean_y = wmean(x, w, eps=eps), wmean(y, w, eps=eps)
    total = w.sum(1).clamp_min(eps)
    # Weights count on both sides, as in PyTorch3D: squared.
    centred_x, centred_y = (x - mean_x) * w[..., None], (y - mean_y) * w[..., None]
    covariance = centred_x.transpose(1, 2) @ centred_y / total[:, None, None]
    U, S, Vh = torch.linalg.svd(covariance)
    sign = torch.ones(n, d, dtype=x.dtype, device=x.device)
    if not allow_reflection:
        sign = torch.cat([sign[:, :-1], torch.linalg.det(U @ Vh)[:, None]], dim=1)
    R = (U * sign[:, None]) @ Vh
    scale = torch.ones(n, dtype=x.dtype, device=x.device)
    if estimate_scale:
        variance = centred_x.square().sum((1, 2)) / total
        scale = (S * sign).sum(1) / variance.clamp_min(eps)
    T = mean_y[:, 0] - scale[:, None] * (mean_x @ R)[:, 0]
    return SimilarityTransform(R, T, scale)


def _moved(x: Tensor, transform: SimilarityTransform) -> Tensor:
    return transform.s[:, None, None] * x @ transform.R + transform.T[:, None]


def iterative_closest_point(
    X: Any,
    Y: Any,
    init_transform: SimilarityTransform | None = None,
    max_iterations: int = 100,
    relative_rmse_thr: float = 1e-6,
    estimate_scale: bool = False,
    allow_reflection: bool = False,
    verbose: bool = False,
) -> ICPSolution:
    """Besl and McKay's iterative closest point (1992): X is aligned with its nearest points of Y, over and over.

    Args:
        X: [N, P, D], or Pointclouds.
        Y: likewise, of as many clouds.
        init_transform: where to begin; default no motion.
        max_iterations: at most how many iterations.
        relative_rmse_thr: converged where the error's relative change is less.
        estimate_scale: see `corresponding_points_alignment`.
        allow_reflection: likewise.
        verbose: print the error of each iteration.

    Raises:
        ValueError: shapes that do not match.
    """
    x, counts = convert_pointclouds_to_tensor(X)
    y, counts_y = convert_pointclouds_to_tensor(Y)
    if len(x) != len(y) or x.shape[2] != y.shape[2]:
        raise ValueError("Point sets X and Y have to have the same number of batches and data dimensions.")
    there = (torch.arange(x.shape[1], device=x.device) < counts[:, None]).to(x.dtype)
    identity = torch.eye(x.shape[2], dtype=x.dtype, device=x.device).expand(len(x), -1, -1)
    still = SimilarityTransform(identity, x.new_zeros(len(x), x.shape[2]), x.new_ones(len(x)))
    transform = still if init_transform is None else init_transform
    moved, previous, converged = _moved(x, transform), None, False
    rmse = x.new_zeros(len(x))
    history: list[SimilarityTransform] = []
    for iteration in range(max_iterations):
        near = knn_points(moved, y, counts, counts_y, return_nn=True).knn
        assert near is not None
        transform = corresponding_points_alignment(x, near[:, :, 0], there, estimate_scale, allow_reflection)
        moved = _moved(x, transform)
        history.append(transform)
        rmse = wmean((moved - near[:, :, 0]).square().sum(-1, keepdim=True), there).sqrt()[:, 0, 0]
        change = rmse.new_ones(len(rmse)) if previous is None else (previous - rmse) / previous
        if verbose:
            print(f"ICP iteration {iteration}: mean/max rmse = {float(rmse.mean()):1.2e}/{float(rmse.max()):1.2e}")
        if bool((change <= relative_rmse_thr).all()):
            converged = True
            break
        previous = rmse
    return ICPSolution(converged, rmse, X.update_padded(moved) if is_pointclouds(X) else moved, transform, history)
