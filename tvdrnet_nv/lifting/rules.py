"""How the evidence of one view is put together with that of others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

Rule = Literal["mean", "vote", "log-odds"]

_CERTAIN = 0.95  # what a view's 1 means: a mask is not right everywhere


def _mean(total: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    return total, weight


def _vote(total: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    say = _say(weight)
    return say[:, None] * (2 * total > weight[:, None]), say


def _log_odds(total: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    say = _say(weight)
    mean = total / weight.clamp_min(1e-30)[:, None]
    return say[:, None] * torch.logit(mean.clamp(1 - _CERTAIN, _CERTAIN)), say


def _say(weight: Tensor) -> Tensor:
    """[N] in 0..1: how much a view counts whose pixels have these weights."""
    return weight / (1 + weight)


RULES: dict[str, Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]] = {
    "mean": _mean,
    "vote": _vote,
    "log-odds": _log_odds,
}
"""From one view's sums of weight × value [N, C] and of weight [N] to what it adds to the totals of each."""
