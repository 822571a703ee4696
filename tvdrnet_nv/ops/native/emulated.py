"""Our CUDA kernels on the CPU: blocks run side by side and in any order, the threads of a block one after the other."""

from __future__ import annotations

import torch

from tvdrnet_nv.kernels import _cpu


def launch(kernel: str, job: bytes, grid: tuple[int, int]) -> None:
    """Run a kernel, with torch's number of threads; returns when it is done."""
    _cpu.emulate(kernel, job, *grid, torch.get_num_threads())
