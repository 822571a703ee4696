"""The ops on the Triton kernels, for CPU tensors too."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from functools import wraps
from typing import Any

from torch import Tensor

from tvdrnet_nv.ops.backends import TABLE, using


def rasterize_on_the_cpu(glctx: Any, scene: Any, grad_db: bool) -> tuple[Tensor, ...]:
    """Rasterization that is the same wherever the Triton kernels run: nvdiffrast rounds vertices to 1/16 pixel, so that
    an image of it differs from the CPU's by more than any error of the kernels."""
    here = copy.copy(scene)
    here.pos, here.tri = scene.pos.cpu(), scene.tri.cpu()
    return tuple(x.to(scene.pos.device) for x in TABLE["cpu"].function("rasterize")(glctx, here, grad_db))


_FUSED = ("transform", "shade", "view_heuristic_loss", "mean_squared_error")
# Triton's interpreter takes CPU tensors: a backend for these with the Triton kernels of the CUDA backend.
INTERPRETED = dataclasses.replace(
    TABLE["cpu"],
    name="interpreted",
    functions={
        **TABLE["cpu"].functions,
        **{op: TABLE["cuda"].functions[op] for op in _FUSED},
        "rasterize": rasterize_on_the_cpu,
    },
    renders_in_one_op=False,
    checks_indices=False,
)

# The CUDA backend without nvdiffrast's rasterizer.
COMPILED = dataclasses.replace(
    TABLE["cuda"], name="compiled", functions={**TABLE["cuda"].functions, "rasterize": rasterize_on_the_cpu}
)


def on_triton(op: Callable[..., Any]) -> Callable[..., Any]:
    """The op on the Triton kernels, for CPU tensors too."""

    @wraps(op)
    def called(*args: Any, **options: Any) -> Any:
        with using(INTERPRETED):
            return op(*args, **options)

    return called
