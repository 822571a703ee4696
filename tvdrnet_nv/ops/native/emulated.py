"""Our CUDA kernels on the CPU: blocks run side by side and in any order, the threads of a block one after the other."""

from __future__ import annotations

import torch

from tvdrnet_nv.kernels import _cpu

_GRID = (64, 128)


def prepare(_device: torch.device) -> None:
    """Nothing: they were compiled with the package."""


def launch(kernels: list[str], job: bytes, grid: tuple[int, int] | None, _device: torch.device) -> None:
    """Run kernels one after the other, with torch's number of threads; returns when they are done."""
    for kernel in kernels:
        _cpu.emulate(kernel, job, *(grid or _GRID), torch.get_num_threads())
