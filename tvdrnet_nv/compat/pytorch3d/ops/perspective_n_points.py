"""Cameras of points in space and in an image."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.ops.points_alignment import corresponding_points_alignment
from tvdrnet_nv.compat.pytorch3d.ops.utils import convert_pointclouds_to_tensor, wmean

__all__ = ["EpnpSolution", "efficient_pnp"]


class EpnpSolution(NamedTuple):
    """x_cam [N, P, 3]: the points in view space, x @ R + T; R [N, 3, 3]; T [N, 3]; and the mean error in the image and
    in space, [N] each."""

    x_cam: Tensor
    R: Tensor
    T: Tensor
    err_2d: Tensor
    err_3d: Tensor


def efficient_pnp(x: Any, y: Any, weights: Tensor | None = None, skip_quadratic_eq: bool = False) -> EpnpSolution:
    """A camera's pose from six or more points and their images (Lepetit et al., "EPnP", 2009): the points are weighted
    sums of four control points, whose places in view space are a combination of the four least singular vectors of the
    projection equations; the best of one and two vectors is kept.

    Args:
        x: [N, P, 3], or Pointclouds: points in the world.
        y: [N, P, 2]: their images, in units in which the focal length is 1, the origin at the principal point.
        weights: [N, P], or None.
        skip_quadratic_eq: take one vector alone.

    Raises:
        ValueError: shapes that do not match.
    """
    points, counts = convert_pointclouds_to_tensor(x)
    images, _ = convert_pointclouds_to_tensor(y)
    if points.shape[:2] != images.shape[:2] or points.shape[2] != 3 or images.shape[2] != 2:
        raise ValueError("x and y must have shapes (N, P, 3) and (N, P, 2)")
    there = (torch.arange(points.shape[1], device=points.device) < counts[:, None]).to(points.dtype)
    w = there if weights is None else there * weights
    controls = _controls(points, w)
    alphas = _barycentrics(points, controls)
    M = _equations(images, w, alphas)
    vectors = torch.linalg.svd(M.transpose(1, 2) @ M).Vh[:, -4:].flip(1).reshape(len(points), 4, 4, 3)
    candidates = [vectors[:, 0]]
    if not skip_quadratic_eq:
        candidates.append(_combined(vectors, controls))
    solutions = [_solution(points, images, w, alphas @ c) for c in candidates]
    best = torch.stack([s.err_2d for s in solutions]).argmin(0)
    rows = torch.arange(len(points), device=points.device)
    return EpnpSolution(*(torch.stack(parts)[best, rows] for parts in zip(*solutions, strict=True)))


def _controls(points: Tensor, w: Tensor) -> Tensor:
    """[N, 4, 3]: the points' mean, and the ends of their principal axes."""
    mean = wmean(points, w)
    centred = (points - mean) * w[..., None].sqrt()
    covariance = centred.transpose(1, 2) @ centred / w.sum(1).clamp_min(1e-9)[:, None, None]
    variances, axes = torch.linalg.eigh(covariance)
    return torch.cat([mean, mean + axes.transpose(1, 2) * variances.clamp_min(1e-12).sqrt()[:, :, None]], dim=1)


def _barycentrics(points: Tensor, controls: Tensor) -> Tensor:
    """[N, P, 4]: of the points with respect to the control points."""
    edges = controls[:, 1:] - controls[:, :1]
    rest = torch.linalg.solve(edges.transpose(1, 2), (points - controls[:, :1]).transpose(1, 2)).transpose(1, 2)
    return torch.cat([1 - rest.sum(-1, keepdim=True), rest], dim=-1)


def _equations(images: Tensor, w: Tensor, alphas: Tensor) -> Tensor:
    """[N, 2P, 12]: (x - u z) and (y - v z) of each point, as a sum over the control points' coordinates."""
    zero = torch.zeros_like(alphas)
    u = torch.stack([alphas, zero, -alphas * images[..., :1]], dim=-1)
    v = torch.stack([zero, alphas, -alphas * images[..., 1:]], dim=-1)
    both = torch.stack([u, v], dim=2) * w[..., None, None, None].sqrt()
    return both.reshape(len(images), -1, 12)


def _pairwise(points: Tensor) -> Tensor:
    """[..., 6, 3]: differences of four points [..., 4, 3]."""
    i, j = torch.triu_indices(4, 4, 1)
    return points[..., i, :] - points[..., j, :]


def _combined(vectors: Tensor, controls: Tensor) -> Tensor:
    """[N, 4, 3]: the sum of two vectors that keeps the control points' distances best, by the linearised products of
    its coefficients."""
    wanted = _pairwise(controls).square().sum(-1)
    a, b = _pairwise(vectors[:, 0]), _pairwise(vectors[:, 1])
    L = torch.stack([a.square().sum(-1), 2 * (a * b).sum(-1), b.square().sum(-1)], dim=-1)
    products = torch.linalg.lstsq(L, wanted[..., None]).solution[..., 0]
    first = products[:, 0].abs().sqrt()
    second = products[:, 2].abs().sqrt() * torch.where(products[:, 1] < 0, -1.0, 1.0)
    return first[:, None, None] * vectors[:, 0] + second[:, None, None] * vectors[:, 1]


def _solution(points: Tensor, images: Tensor, w: Tensor, x_cam: Tensor) -> EpnpSolution:
    """The rigid motion that brings the points nearest to places in view space that are right up to a factor."""
    sign = torch.where(wmean(x_cam[..., 2:], w)[:, 0] < 0, -1.0, 1.0)
    x_cam = x_cam * sign[..., None]
    spread = [((p - wmean(p, w)).square().sum(-1) * w).sum(1) for p in (points, x_cam)]
    x_cam = x_cam * (spread[0] / spread[1].clamp_min(1e-12)).sqrt()[:, None, None]
    R, T, _ = corresponding_points_alignment(points, x_cam, w)
    moved = points @ R + T[:, None]
    err_3d = wmean((x_cam - moved).norm(dim=-1, keepdim=True), w)[:, 0, 0]
    depth = moved[..., 2:]
    depth = torch.where(depth.abs() < 1e-9, 1e-9, depth)
    err_2d = wmean((moved[..., :2] / depth - images).norm(dim=-1, keepdim=True), w)[:, 0, 0]
    return EpnpSolution(moved, R, T, err_2d, err_3d)
