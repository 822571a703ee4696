"""`pytorch3d.common.compat`: what differs between versions of torch and Python."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor

__all__ = ["meshgrid_ij", "prod"]


def meshgrid_ij(*tensors: Tensor | Sequence[Tensor]) -> tuple[Tensor, ...]:
    """torch's `meshgrid` with `indexing="ij"`."""
    return torch.meshgrid(*tensors, indexing="ij")  # type: ignore[arg-type]


def prod(iterable: Iterable[Any], *, start: Any = 1) -> Any:
    """Python's `math.prod`."""
    return math.prod(iterable, start=start)
