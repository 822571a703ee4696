"""The covariance of a fitted step, from how much blocks of the image disagree about it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tvdrnet_nv.objectives.robust import RobustLoss

_SINGULAR = 1e-6  # least eigenvalue of the curvature, scaled to a unit diagonal, that is more than rounding
_SMALL_BLOCK, _FEWEST_PIXELS, _LARGE_BLOCK = 1 / 12, 8, 1 / 4  # shares of the shorter side, and pixels
_LEFT = 0.1  # share of what is known of a direction that is taken to be left without a block, at least


def step_covariance(residuals: Tensor, jacobian: Tensor, robust: RobustLoss | None, correlated: float) -> Tensor | None:
    """[P, P] float64: the covariance of a step that minimises the mean of (a robust loss of) residuals.

    Residuals next to each other go wrong together: a picture was resized, compressed, or shows what the scene has not.
    So the image is cut into blocks, the step is computed again without each of them in turn, to first order, and the
    covariance is that of the jackknife over blocks (Kuensch, "The Jackknife and the Bootstrap for General Stationary
    Observations", 1989). For blocks that matter little it is the sandwich H^-1 (sum of g g^T) H^-1 of the blocks'
    gradients g (Huber 1967, White 1980). Blocks must be larger than what is correlated, and many; so this is done for
    small blocks (1/12 of the shorter side, and 8 pixels at least), for large ones (1/4), and for single pixels, and the
    largest variance of each parameter counts.

    Args:
        residuals: [H, W, C], at the minimum.
        jacobian: [P, H, W, C], their derivatives by the step.
        robust: what the residuals go through instead of a square.
        correlated: pixels, along a side, within which the objective itself makes residuals depend on each other.

    Returns:
        None where the images do not determine the step, but for rounding.
    """
    height, width, _ = residuals.shape
    side = min(height, width)
    small = max(_FEWEST_PIXELS, round(side * _SMALL_BLOCK), math.ceil(correlated))
    sizes = sorted({small, max(small, round(side * _LARGE_BLOCK))})
    weights = torch.ones_like(residuals) if robust is None else robust.weights(residuals)
    gradients = (jacobian * (weights * residuals)).sum(-1)
    whitening, curvatures = None, []
    # With too many outliers the true curvature is no valley; that of the weighted squares always is.
    for each in (weights,) if robust is None else (robust.curvatures(residuals), weights):
        curvatures = _block_curvatures(jacobian, each, sizes)
        whitening = _inverse_root(curvatures[0].sum(-1))
        if whitening is not None:
            break
    if whitening is None:
        return None
    candidates = [_of_pixels(gradients.double(), whitening)]
    for size, curvature in zip(sizes, curvatures, strict=True):
        candidates.append(_of_blocks(_block_sums(gradients, size), curvature, whitening))
    return _largest(torch.stack(candidates))


def _block_curvatures(jacobian: Tensor, weights: Tensor, sizes: list[int]) -> list[Tensor]:
    """For each size, [P, P, N]: J^T W J of the blocks. A row at a time, as the products of all pixels are large."""
    rows: list[list[Tensor]] = [[] for _ in sizes]
    for column in jacobian:
        products = (jacobian * (weights * column)).sum(-1)
        for of_size, size in zip(rows, sizes, strict=True):
            of_size.append(_block_sums(products, size))
    return [torch.stack(of_size) for of_size in rows]


def _inverse_root(curvature: Tensor) -> Tensor | None:
    """[P, P]: W with W^T H W = 1; None where H is singular, or no valley."""
    scale = curvature.diagonal().clamp_min(1e-300).sqrt()
    values, vectors = torch.linalg.eigh(curvature / torch.outer(scale, scale))
    if not float(values.min()) > _SINGULAR:
        return None
    return vectors / values.sqrt() / scale[:, None]


def _of_pixels(gradients: Tensor, whitening: Tensor) -> Tensor:
    """[P, P]: the sandwich of single pixels, whose channels go wrong together."""
    own = whitening.T @ gradients.flatten(1)
    free = max(1, int((gradients != 0).any(0).sum()) - len(gradients))
    spread = whitening @ own
    return spread @ spread.T * ((free + len(gradients)) / free)


def _of_blocks(gradients: Tensor, curvatures: Tensor, whitening: Tensor) -> Tensor:
    """[P, P]: the jackknife of N blocks, of their gradients [P, N] and curvatures [P, P, N]."""
    own = whitening.T @ gradients
    share, directions = torch.linalg.eigh(whitening.T @ curvatures.permute(2, 0, 1) @ whitening)
    left = (1 - share).clamp_min(_LEFT)  # of what is known of each direction, without the block
    moved = (directions @ ((directions.mT @ own.T[:, :, None]) / left[:, :, None]))[:, :, 0]
    says = (gradients != 0).any(0)  # a block that says nothing is none
    count = max(2, int(says.sum()))
    moved = (moved - moved.sum(0) / count) * says[:, None]
    spread = whitening @ moved.T
    return spread @ spread.T * ((count - 1) / count)


def _block_sums(values: Tensor, size: int) -> Tensor:
    """[..., N] float64 of values [..., H, W]: sums over blocks of about that side, which differ by a pixel at most."""
    values = values.double()
    for dim in (-2, -1):
        length = values.shape[dim]
        count = max(1, round(length / size))
        block = torch.arange(length, device=values.device) * count // length
        shape = [*values.shape]
        shape[dim] = count
        values = values.new_zeros(shape).index_add_(dim, block, values)
    return values.flatten(-2)


def _largest(covariances: Tensor) -> Tensor:
    """[P, P]: the correlations of the covariance [M, P, P] of largest total, with the largest variance of each."""
    variances = covariances.diagonal(dim1=1, dim2=2)
    largest = variances.amax(0)
    total = (variances / largest.clamp_min(1e-300)).sum(1)
    chosen = int(total.argmax())
    stretch = (largest / variances[chosen].clamp_min(1e-300)).sqrt()
    return covariances[chosen] * torch.outer(stretch, stretch)
