"""All pairs of two batches of points, in parts that fit into memory."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

_PAIRS = 1 << 24  # at most so many distances at once


def lengths_of(points: Tensor, lengths: Tensor | None) -> Tensor:
    """[N] int64: how many of the padded points [N, P, D] count.

    Raises:
        ValueError: another shape.
    """
    if lengths is None:
        return torch.full((len(points),), points.shape[1], dtype=torch.int64, device=points.device)
    if lengths.shape != (len(points),):
        raise ValueError(
            f"points and lengths must have the same batch dimension; got {len(points)} and {list(lengths.shape)}"
        )
    return lengths.to(torch.int64)


def check_points(p1: Tensor, p2: Tensor) -> None:
    """Raise ValueError if they are not [N, P1, D] and [N, P2, D]."""
    if p1.dim() != 3 or p2.dim() != 3 or p1.shape[0] != p2.shape[0]:
        raise ValueError("pts1 and pts2 must have the same batch dimension.")
    if p1.shape[2] != p2.shape[2]:
        raise ValueError("pts1 and pts2 must have the same point dimension.")


def distances(p1: Tensor, p2: Tensor, lengths2: Tensor, norm: int = 2) -> Iterator[tuple[slice, Tensor]]:
    """Some rows of p1 [N, P1, D] at a time: which, and their distances [N, rows, P2], infinite beyond `lengths2`.

    Squared for `norm` 2. Without gradients.
    """
    beyond = torch.arange(p2.shape[1], device=p2.device) >= lengths2[:, None]
    rows = max(1, _PAIRS // max(1, len(p2) * p2.shape[1]))
    for first in range(0, p1.shape[1], rows):
        chosen = slice(first, first + rows)
        # Not by a matrix product, which would lose the small distances.
        found = torch.cdist(
            p1[:, chosen].detach(), p2.detach(), p=float(norm), compute_mode="donot_use_mm_for_euclid_dist"
        )
        found = found.square() if norm == 2 else found
        yield chosen, found.masked_fill(beyond[:, None], torch.inf)


def between(p1: Tensor, p2: Tensor, norm: int = 2) -> Tensor:
    """Distances [...] of points [..., D], squared for `norm` 2."""
    difference = p1 - p2
    return difference.square().sum(-1) if norm == 2 else difference.abs().sum(-1)
