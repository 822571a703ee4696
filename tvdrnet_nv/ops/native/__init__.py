"""Our CUDA kernels, `kernels/cuda/*.cu`: what they are given, and how they are launched.

An op makes a kernel's job, a struct of sizes and pointers to tensors' memory, and launches the kernel by name. The
backend's function "launch" does that: on a GPU (`gpu.py`), or on the CPU, which emulates one (`emulated.py`).
"""

from __future__ import annotations

from ctypes import Structure
from typing import NamedTuple

import torch
from torch import Tensor

from tvdrnet_nv.ops.arguments import describe
from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.ops.native.jobs import VertexSumsJob, pointer


class Grid(NamedTuple):
    """Blocks of so many threads. No result depends on it."""

    blocks: int
    lanes: int


def check_float32(name: str, tensor: Tensor) -> None:
    """Our kernels read float32 and nothing else.

    Raises:
        TypeError: it is not.
    """
    if tensor.dtype != torch.float32:
        raise TypeError(f"{name} must be float32 on the backend {backend_of(tensor).name!r}; got {describe(tensor)}")


def prepare(on: Tensor) -> None:
    """Compile and load all kernels for the device of a tensor, so that no step has to.

    Raises:
        RuntimeError: they cannot be; one sentence, with what to do.
    """
    backend_of(on).function("prepare")(on.device)


def launch(kernels: list[str], job: Structure, on: Tensor, grid: Grid | None = None) -> None:
    """Run kernels one after the other on the job.

    Args:
        kernels: their names.
        job: the struct that they take. The tensors that it points to must live until the kernels have been launched.
        on: a tensor whose device they run on.
        grid: how many threads each has; None is what suits the device.
    """
    backend_of(on).function("launch")(kernels, bytes(job), grid, on.device)


def summed_by_vertex(owner: Tensor, parts: Tensor, like: Tensor, grid: Grid | None = None) -> Tensor:
    """The gradient of vertices from its parts, added up for each vertex in the parts' order.

    Args:
        owner: int64 [N], the vertex of each part, counted through the batch; the largest int64 for none.
        parts: [N, 3], for x, y and w.
        like: the vertices [B, V, 4].
        grid: how the kernel is launched.
    """
    total = torch.zeros_like(like)
    owner, place = owner.sort(stable=True)
    job = VertexSumsJob(len(owner), pointer(owner), pointer(place), pointer(parts), pointer(total))
    launch(["vertex_sums"], job, like, grid)
    return total
