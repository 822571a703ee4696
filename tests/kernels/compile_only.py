"""Compiles the Triton kernels for GPUs, on a machine that has none.

    python -m tests.kernels.compile_only 75 80 90

goes through the Python wrappers with CPU tensors, each launch of a kernel replaced by its compilation to machine code
for that compute capability, and prints a JSON line for each kernel: its name and its PTX.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import torch

PHONG = [1.0, 1.5, -2.0, 0.9, 0.8, 0.7, 0.5, 0.8, 0.3]


class NoGpu:
    """As much of a driver as compilation asks for."""

    def __init__(self, capability: int) -> None:
        from triton.backends.compiler import GPUTarget

        self._target = GPUTarget("cuda", capability, 32)

    def get_current_target(self) -> Any:
        return self._target

    def get_current_device(self) -> int:
        return self._target.arch  # kernels are kept by device

    def get_current_stream(self, device: int) -> int:
        return 0


def use_the_wrappers(size: int) -> None:
    """Every kernel forward, backward and in forward mode; the numbers are what was in memory."""
    from tvdrnet_nv.ops.losses_cuda import squared_error_cuda, view_heuristic_cuda
    from tvdrnet_nv.ops.shade_cuda import shade_cuda
    from tvdrnet_nv.ops.transform_cuda import transform_cuda

    def all_ways(function: Any, *inputs: torch.Tensor) -> None:
        leaves = [x.requires_grad_() for x in inputs]
        function(*leaves).sum().backward()
        torch.func.jvp(function, tuple(x.detach() for x in inputs), tuple(map(torch.ones_like, inputs)))

    for width in (3, 4):
        all_ways(transform_cuda, torch.zeros(size, width), torch.zeros(2, 4, 4))
    tri = torch.zeros(size, 3, dtype=torch.int32)
    for shininess in (64.0, 3.7, 2.0, 1.0, 0.0):
        phong = [*PHONG, shininess]
        attributes = torch.zeros(size, 9)
        all_ways(
            lambda r, e, phong=phong, attributes=attributes: shade_cuda(attributes, r, tri, e, phong),
            torch.zeros(2, 1, size, 4),
            torch.zeros(2, 3),
        )
    all_ways(view_heuristic_cuda, torch.zeros(2, 1, size, 4))
    for channels, targets in ((3, 1), (4, 2)):
        target = torch.zeros(targets, 1, size, 3)
        all_ways(lambda x, target=target: squared_error_cuda(x, target), torch.zeros(2, 1, size, channels))


def main(capabilities: list[int]) -> None:
    import triton
    from triton.runtime.driver import driver
    from triton.runtime.jit import JITFunction

    launch = JITFunction.run

    def compile_instead(self: Any, *args: Any, grid: Any, warmup: bool, **options: Any) -> Any:
        kernel = launch(self, *args, grid=grid, warmup=True, **options)
        name, capability = kernel.metadata.name, driver.active.get_current_device()
        assert kernel.asm["cubin"]
        print(json.dumps({"name": name, "capability": capability, "ptx": kernel.asm["ptx"]}))
        return kernel

    JITFunction.run = compile_instead  # type: ignore[method-assign]
    print(json.dumps({"triton": triton.__version__}))
    for capability in capabilities:
        driver.set_active(NoGpu(capability))  # type: ignore[arg-type]
        # Sizes of 1 and multiples of 16 are compiled apart.
        for size in (1, 7, 16):
            use_the_wrappers(size)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
