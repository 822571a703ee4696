"""The ops on the Triton kernels, for CPU tensors too."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import wraps
from typing import Any

from tvdrnet_nv.ops.backends import TABLE, using

_FUSED = ("transform", "shade", "view_heuristic_loss", "mean_squared_error")
# Triton's interpreter takes CPU tensors: a backend for these with the Triton kernels of the CUDA backend.
INTERPRETED = dataclasses.replace(
    TABLE["cpu"],
    name="interpreted",
    functions={**TABLE["cpu"].functions, **{op: TABLE["cuda"].functions[op] for op in _FUSED}},
    renders_in_one_op=False,
    checks_indices=False,
)


def on_triton(op: Callable[..., Any]) -> Callable[..., Any]:
    """The op on the Triton kernels, for CPU tensors too."""

    @wraps(op)
    def called(*args: Any, **options: Any) -> Any:
        with using(INTERPRETED):
            return op(*args, **options)

    return called
