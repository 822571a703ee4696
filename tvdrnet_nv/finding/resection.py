"""The camera that sees points where they were seen, when many of them are wrong: perspective-n-point, robustly."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera, orthonormal, rotation_from_vector
from tvdrnet_nv.camera.convert import calibration_to_pixels, flip_view_xy
from tvdrnet_nv.finding.block_matching import Matches

# Of Geman-McClure's loss, in shares of the image's shorter side: 8 to 1.5 pixels of 96.
_SCALES = tuple(scale / 96 for scale in (8.0, 8.0, 6.0, 6.0, 4.0, 4.0, 3.0, 3.0, 2.0, 2.0, 1.5, 1.5))
_LONGEST = 0.35  # of a step: radians, or viewing distances
_DAMPING, _LEAST = 1e-3, 1e-6  # of the curvature's mean; and of itself, where nothing is matched
_MOST_ZOOM = 0.3  # logarithm of the focal length
_NEAREST = 1e-3  # of the viewing distance; points that come nearer do not pass through the camera


class Resected(NamedTuple):
    """Cameras [K] and how well each agrees with its matches.

    Attributes:
        cameras: K cameras.
        agreement: [K], the sum of the matches' weights, each times how much the robust loss lets it count.
    """

    cameras: Camera
    agreement: Tensor


def resected(cameras: Camera, matches: Matches, resolution: tuple[int, int], *, focal: bool) -> Resected:
    """Move each of K cameras to where it sees the points of its matches where the picture has them.

    Gauss-Newton steps on Geman-McClure's loss of the distances in pixels, whose scale shrinks from a twelfth of the
    image's shorter side to a sixty-fourth: graduated non-convexity, by which many wrong matches are outvoted (Black
    and Rangarajan, "On the Unification of Line Processes, Outlier Rejection, and Robust Statistics", 1996).

    Args:
        cameras: K cameras, those of the renders in which the matches begin.
        matches: of each camera.
        resolution: (height, width) of these renders, pixels.
        focal: whether the focal length may change; otherwise only the pose.
    """
    dtype = torch.float64
    points, there, weights = (x.to(dtype) for x in matches)
    lens = calibration_to_pixels(cameras.focal, cameras.principal, resolution).to(dtype)
    scale, centre = lens[:, None, [0, 1], [0, 1]], lens[:, None, :2, 2]
    many = len(points)
    R, t = torch.eye(3, dtype=dtype, device=points.device).expand(many, 3, 3), points.new_zeros(many, 3)
    zoom, count = points.new_zeros(many), points.new_zeros(many)
    away = ((points[..., 2] * weights).sum(1) / weights.sum(1).clamp_min(1e-9)).clamp_min(1e-6)
    pivot = torch.nn.functional.pad(away[:, None], (2, 0))
    for step_scale in _SCALES:
        moved = points @ R.mT + t[:, None]
        depth = moved[..., 2].clamp_min(_NEAREST * away[:, None])
        magnified = scale * zoom.exp()[:, None, None]
        seen = magnified * moved[..., :2] / depth[..., None]
        residuals = centre + seen - there
        share = 1 / (1 + residuals.square().sum(-1) / (step_scale * min(resolution)) ** 2).square()
        count = (weights * share).sum(1)
        J = _jacobian(moved, depth, seen, magnified, pivot, away, focal=focal)
        weighted = (weights * share)[..., None, None] * J
        hessian = torch.einsum("kpin,kpim->knm", weighted, J)
        mean = hessian.diagonal(dim1=1, dim2=2).mean(1)
        damping = (_DAMPING * mean + _LEAST)[:, None, None] * torch.eye(J.shape[-1], dtype=dtype, device=points.device)
        step = -torch.linalg.solve(hessian + damping, torch.einsum("kpin,kpi->kn", weighted, residuals))
        step = step * (_LONGEST / step[:, :6].norm(dim=1).clamp_min(_LONGEST))[:, None]
        turn = rotation_from_vector(step[:, :3])
        R = turn @ R
        t = ((t - pivot)[:, None] @ turn.mT)[:, 0] + pivot + away[:, None] * step[:, 3:6]
        if focal:
            zoom = (zoom + step[:, 6]).clamp(-_MOST_ZOOM, _MOST_ZOOM)
    turn, shift = flip_view_xy(R.mT, t)
    flipped = torch.diag(turn.new_tensor([-1.0, -1.0, 1.0]))
    turn = flipped @ turn  # from the view's frame to itself, row vectors
    found = cameras.replace(
        R=orthonormal(cameras.R.to(dtype) @ turn).to(cameras.dtype),
        T=((cameras.T.to(dtype)[:, None] @ turn)[:, 0] + shift).to(cameras.dtype),
        focal=cameras.focal * zoom.exp()[:, None].to(cameras.dtype),
    )
    return Resected(found, count)


def _jacobian(
    moved: Tensor, depth: Tensor, seen: Tensor, magnified: Tensor, pivot: Tensor, away: Tensor, *, focal: bool
) -> Tensor:
    """[K, P, 2, 6 or 7]: pixels by turns about the pivot, moves in viewing distances, and the focal length's
    logarithm."""
    identity = torch.eye(2, dtype=moved.dtype, device=moved.device)
    by_point = (magnified / depth[..., None])[..., None] * torch.cat(
        [identity.expand(*depth.shape, 2, 2), -(moved[..., :2] / depth[..., None])[..., None]], -1
    )
    x, y, z = (moved - pivot[:, None]).unbind(-1)
    zero = torch.zeros_like(x)
    turning = torch.stack([zero, z, -y, -z, zero, x, y, -x, zero], -1).unflatten(-1, (3, 3))  # w × p = turning w
    columns = [by_point @ turning, by_point * away[:, None, None, None]]
    return torch.cat([*columns, seen[..., None]] if focal else columns, -1)
