"""How the kernels are launched."""

from typing import Any

import torch
from torch import Tensor


def blocks_of(size: int, count: int) -> int:
    """How many blocks of a size hold `count` items."""
    return -(-count // size)


def launch(kernel: Any, programs: int, first: Tensor, *arguments: Any, **constants: Any) -> None:
    """Run `programs` programs of a kernel on the device of `first`, whichever is torch's current one.

    Products and sums are rounded one by one, as in the CPU kernels: Triton's versions differ on whether they fuse them.
    """
    with torch.cuda.device_of(first):
        kernel[(programs,)](first, *arguments, **constants, enable_fp_fusion=False)
