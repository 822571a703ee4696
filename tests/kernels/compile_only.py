"""Compiles the Triton kernels for GPUs, on a machine that has none.

    python -m tests.kernels.compile_only 75 80 90 [--sizes 1 7 16]

goes through the Python wrappers with CPU tensors of these sizes, each launch of a kernel replaced by its compilation to
machine code for these compute capabilities, and prints a JSON line for each: the kernel's file, name and PTX.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import torch


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
    from tests.kernels.on_triton import on_triton
    from tvdrnet_nv import ops
    from tvdrnet_nv.ops.losses.cuda import fused_squared_error

    def all_ways(function: Any, *inputs: torch.Tensor) -> None:
        leaves = [x.requires_grad_() for x in inputs]
        function(*leaves).sum().backward()
        torch.func.jvp(function, tuple(x.detach() for x in inputs), tuple(map(torch.ones_like, inputs)))

    for width in (3, 4):
        all_ways(on_triton(ops.transform), torch.zeros(size, width), torch.zeros(2, 4, 4))
    tri = torch.zeros(size, 3, dtype=torch.int32)
    for shininess in (64.0, 3.7, 2.0, 1.0, 0.0):
        phong = ops.Phong((1.0, 1.5, -2.0), 0.5, 0.8, 0.3, shininess, background=(0.9, 0.8, 0.7))
        attributes = torch.zeros(size, 9)
        all_ways(
            lambda r, e, phong=phong, attributes=attributes: on_triton(ops.shade)(attributes, r, tri, e, phong),
            torch.zeros(2, 1, size, 4),
            torch.zeros(2, 3),
        )
    all_ways(on_triton(ops.view_heuristic_loss), torch.zeros(2, 1, size, 4))
    for channels, targets in ((3, 1), (4, 2)):
        target = torch.zeros(targets, 1, size, 3)
        for clip in (False, True):
            image = torch.zeros(2, 1, size, channels)
            all_ways(lambda x, target=target, clip=clip: fused_squared_error(x, target, clip), image)


def main() -> None:
    parser = argparse.ArgumentParser(description="Compile the Triton kernels without a GPU.")
    parser.add_argument("capabilities", type=int, nargs="+")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 7, 16], help="1 and 16 are compiled apart")
    wanted = parser.parse_args()

    from triton.runtime.driver import driver
    from triton.runtime.jit import JITFunction

    launch = JITFunction.run

    def compile_instead(self: Any, *args: Any, grid: Any, warmup: bool, **options: Any) -> None:
        kernel = launch(self, *args, grid=grid, warmup=True, **options)
        assert kernel.asm["cubin"]
        facts = {"file": self.fn.__module__.rpartition(".")[2], "name": self.fn.__name__}
        print(json.dumps({**facts, "capability": driver.active.get_current_device(), "ptx": kernel.asm["ptx"]}))

    JITFunction.run = compile_instead  # type: ignore[method-assign]
    for capability in wanted.capabilities:
        driver.set_active(NoGpu(capability))  # type: ignore[arg-type]
        for size in wanted.sizes:
            use_the_wrappers(size)


if __name__ == "__main__":
    main()
