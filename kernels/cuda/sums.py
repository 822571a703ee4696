"""The second stage of the other files' sums: no atomics, so that a sum has the same bits every time, and for an image
the same bits whatever else is in the batch."""
# pyright: reportMissingImports=false

import triton
import triton.language as tl
from torch import Tensor

from tvdrnet_nv.kernels.cuda.launch import launch

_LANES = 256


@triton.jit
def _sum_kernel(partials, out, count, scale, LANES: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    lanes = tl.arange(0, LANES)
    total = tl.zeros([LANES], dtype=tl.float64)
    start = 0
    while start < count:
        index = start + lanes
        total += tl.load(partials + row * count + index, mask=index < count, other=0.0).to(tl.float64)
        start += LANES
    tl.store(out + row, tl.sum(total, axis=0) * scale)


def sum_partials(partials: Tensor, scale: float = 1.0) -> Tensor:
    """`scale` times the sums [B, K] of `partials` [B, K, P], added in float64."""
    out = partials.new_empty(partials.shape[:2])
    launch(_sum_kernel, out.numel(), partials, out, partials.shape[2], scale, LANES=_LANES)
    return out
