"""The covariance of a fitted step, from how much blocks of the image disagree about it."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from tvdrnet_nv.objectives.robust import RobustLoss

_SINGULAR = 1e-6  # least eigenvalue of a curvature, scaled to a unit diagonal, that is more than rounding
_DIFFERENCE, _FARTHEST = 0.5, 0.1  # pixels to either side; of any coordinate
_WITHIN, _LEAST_WITHIN = 2.0, 0.25  # deviations to either side, with a robust loss; share of the first difference
_BLOCK, _FEWEST_PIXELS = 1 / 12, 8.0  # a block's side: of the shorter side, and pixels
_LEAST_SHARE, _MOST_SHARE = 0.1, 1.5  # of the residuals' curvature that is found in the loss


def step_covariance(
    residuals_at: Callable[[Tensor], Tensor],
    curvature: Tensor,
    *,
    pixel: float,
    robust: RobustLoss | None = None,
    correlated: float = 1.0,
) -> Tensor | None:
    """[P, P] float64: the covariance of a step that minimises the mean square, or a robust loss, of residuals.

    The sandwich H^-1 G H^-1 (Huber, "The Behavior of Maximum Likelihood Estimates under Nonstandard Conditions", 1967;
    White, "A Heteroskedasticity-Consistent Covariance Matrix Estimator", 1980): G is the covariance of the loss's
    gradient, H its curvature. The textbook's variance times (J^T J)^-1 takes three things for granted that pictures do
    not keep:

    - Residuals would be independent. They go wrong together where a picture was resized or compressed, or shows what
      the scene has not. So G is taken from the sums of the gradient over blocks of the image (Künsch, "The Jackknife
      and the Bootstrap for General Stationary Observations", 1989), at least twice as many as there are numbers.
    - The loss would be smooth. A texture finer than a pixel makes its derivatives those of single texels. So they are
      taken as differences between half a pixel to either side. A robust loss levels off on edges within half a pixel,
      and would seem to bend less than it does where the camera may be. So with one, they are taken once more over two
      of the deviations that came out, at least an eighth of a pixel and at most half of one.
    - Residuals would be small. Where they are not, the second derivatives of the render count. So H is how the loss
      itself bends, along the P directions of J^T J.

    A step that this smoothed loss would still take is added, as a deviation.

    Args:
        residuals_at: from steps [N, P] to residuals [N, H, W, C]. Zero is the minimum.
        curvature: [P, P] float64, J^T W J at zero.
        pixel: the size of a step's number that moves the image by about a pixel.
        robust: what the residuals go through instead of a square.
        correlated: pixels, along a side, within which the objective itself makes residuals depend on each other.

    Returns:
        On the CPU. None where the images do not determine the step, but for rounding.
    """
    directions = _inverse_root(curvature.cpu())
    if directions is None:
        return None
    steps = directions * (_DIFFERENCE * pixel * float(curvature.diagonal().mean().sqrt()))
    steps = steps / (steps.abs().amax(0) / _FARTHEST).clamp_min(1)
    shares = _in_steps(residuals_at, steps, robust, correlated)
    if robust is not None and shares is not None:
        steps = steps * (_WITHIN * shares.diagonal().clamp_min(0).sqrt()).clamp(_LEAST_WITHIN, 1)
        shares = _in_steps(residuals_at, steps, robust, correlated)
    return None if shares is None else steps @ shares @ steps.T


def _in_steps(
    residuals_at: Callable[[Tensor], Tensor], steps: Tensor, robust: RobustLoss | None, correlated: float
) -> Tensor | None:
    """[P, P]: the covariance in units of the steps, columns of [P, P], from differences over them to either side."""
    parameters = len(steps)
    residuals = residuals_at(torch.cat([steps.new_zeros(1, parameters), steps.T, -steps.T]))
    here, ahead, behind = residuals.split([1, parameters, parameters])
    slopes = (ahead - behind) / 2
    weights = torch.ones_like(here) if robust is None else robust.weights(here)
    products = ((slopes * weights).flatten(1).double() @ slopes.flatten(1).double().T).cpu()
    losses = (residuals.square() if robust is None else robust.loss(residuals)).double().sum((1, 2, 3)).cpu()
    bends = (losses[1 : 1 + parameters] + losses[1 + parameters :]) / 2 - losses[0]
    share = (bends / products.diagonal().clamp_min(1e-300)).clamp(_LEAST_SHARE, _MOST_SHARE).sqrt()
    root = _inverse_root(products * torch.outer(share, share))
    if root is None:
        return None
    gradients = (slopes * (weights * here)).sum(-1)
    spread = root @ root.T
    return spread @ _gradient_covariance(gradients, correlated) @ spread


def _inverse_root(curvature: Tensor) -> Tensor | None:
    """[P, P]: W with W^T H W = 1; None where H is singular."""
    scale = curvature.diagonal().clamp_min(1e-300).sqrt()
    values, vectors = torch.linalg.eigh(curvature / torch.outer(scale, scale))
    if not float(values.min()) > _SINGULAR:
        return None
    return vectors / values.sqrt() / scale[:, None]


def _gradient_covariance(gradients: Tensor, correlated: float) -> Tensor:
    """[P, P] of the sum of gradients [P, H, W] about zero, from the sums over blocks."""
    parameters, height, width = gradients.shape
    side = max(_FEWEST_PIXELS, _BLOCK * min(height, width), correlated)
    sums = block_sums(gradients, min(side, math.sqrt(height * width / (2 * parameters)))).cpu()
    sums = sums[:, (sums != 0).any(0)]  # a block that says nothing, such as a masked one, is none
    count = sums.shape[1]
    total = sums.sum(1)
    centred = sums - total[:, None] / max(count, 1)
    return centred @ centred.T * (count / max(1, count - parameters)) + torch.outer(total, total)


def block_sums(values: Tensor, side: float) -> Tensor:
    """[..., N] float64 of values [..., H, W]: sums over blocks of about that side, which differ by a pixel at most.

    Each block's rows, and then columns, are added one after the other: the same bits every time, on a GPU too.
    """
    values = values.double()
    for dim in (-2, -1):
        values = values.transpose(-1, dim)
        length = values.shape[-1]
        count = max(1, round(length / side))
        first = (torch.arange(count + 1, device=values.device) * length + count - 1) // count
        sums = values.new_zeros((*values.shape[:-1], count))
        for step in range(-(-length // count)):
            place = first[:-1] + step
            sums = sums + torch.where(place < first[1:], values[..., place.clamp(max=length - 1)], 0.0)
        values = sums.transpose(-1, dim)
    return values.flatten(-2)
