"""What would make the host wait for a CUDA device, seen on the CPU."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

_TENSOR = torch.Tensor
# Values that come to the host, and values that go from it to the device, which waits for pageable memory.
_FUNCTIONS = {
    getattr(_TENSOR, name)
    for name in ("cpu", "item", "tolist", "numpy", "__bool__", "__int__", "__float__", "__index__", "__array__")
} | {_TENSOR.new_tensor, torch.tensor, torch.as_tensor, torch.from_numpy}
# Sizes, or branches, that depend on values.
_OPS = re.compile(r"aten\.(_local_scalar_dense|equal|is_nonzero|nonzero|masked_select|_?unique\w*|bincount)\.")


class _Functions(TorchFunctionMode):
    def __init__(self, found: list[str]) -> None:
        self._found = found

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func in _FUNCTIONS:
            self._found.append(_told(getattr(func, "__name__", str(func))))
        return func(*args, **(kwargs or {}))


class _Dispatched(TorchDispatchMode):
    def __init__(self, found: list[str]) -> None:
        self._found = found

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        by_mask = str(func).startswith("aten.index") and any(
            isinstance(i, torch.Tensor) and i.dtype == torch.bool
            for i in (args[1] if len(args) > 1 and isinstance(args[1], (list, tuple)) else ())
        )
        if _OPS.match(str(func)) or by_mask:
            self._found.append(_told(str(func)))
        return func(*args, **(kwargs or {}))


def _told(what: str) -> str:
    ours = [f for f in traceback.extract_stack() if "tvdrnet_nv" in f.filename or "kernels" in f.filename]
    return f"{what} in {ours[-1].name}, {ours[-1].filename}:{ours[-1].lineno}" if ours else what


@contextmanager
def host_reads() -> Iterator[list[str]]:
    """While open, each place where a value goes from device to host, or from host to device, is added to the list.

    The native modules' own look at the tensors' memory does not count, nor does what an autograd function does in the
    threads of a CUDA device's backward pass.
    """
    found: list[str] = []
    with _Functions(found), _Dispatched(found):
        yield found
