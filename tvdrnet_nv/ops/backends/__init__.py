"""The backends: what runs the ops on which tensors. A tensor's device picks one, here and nowhere else.

To add a backend, write a file that makes a `Backend` and add it to `TABLE`. `tvdr-nv conformance --backend NAME` tests
it and `tvdr-nv doctor` shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from tvdrnet_nv.ops.backends.backend import Backend
from tvdrnet_nv.ops.backends.cpu import CPU
from tvdrnet_nv.ops.backends.cuda import CUDA
from tvdrnet_nv.ops.backends.cuda_emulated import CUDA_EMULATED
from tvdrnet_nv.ops.backends.fused import FUSED
from tvdrnet_nv.ops.backends.reference import REFERENCE

TABLE: dict[str, Backend] = {backend.name: backend for backend in (CPU, CUDA, FUSED, REFERENCE, CUDA_EMULATED)}

# The first of the table takes the tensors of its type of device, unless `using` or `prefer` names another.
_of_device_type: dict[str, Backend] = {}
for _backend in TABLE.values():
    _of_device_type.setdefault(_backend.device_type, _backend)

DEVICE_TYPES = tuple(_of_device_type)


def backend_of(tensor: Tensor) -> Backend:
    """The backend that runs the ops on a tensor.

    Raises:
        RuntimeError: there is none for its device.
    """
    found = _of_device_type.get(tensor.device.type)
    return backend_for(tensor.device) if found is None else found


def backend_for(device: torch.device) -> Backend:
    """The backend for the tensors on a device.

    Raises:
        RuntimeError: there is none.
    """
    found = _of_device_type.get(device.type)
    if found is None:
        raise RuntimeError(f"there is no backend for tensors on {device}; there are {', '.join(DEVICE_TYPES)}")
    return found


def prefer(name: str) -> None:
    """From now on the tensors on a backend's type of device run on it; see `using`.

    Raises:
        KeyError: no such name.
    """
    _of_device_type[TABLE[name].device_type] = TABLE[name]


@contextmanager
def using(backend: Backend | str) -> Iterator[Backend]:
    """Within the block the tensors on the backend's type of device run on it, in all threads.

    What a backend prepared is its own: make renderers, scenes, mip levels and topology hashes within the block.

    Args:
        backend: a name of `TABLE`, or a backend that the table does not have.

    Raises:
        KeyError: no such name.
    """
    chosen = TABLE[backend] if isinstance(backend, str) else backend
    before = _of_device_type[chosen.device_type]
    _of_device_type[chosen.device_type] = chosen
    try:
        yield chosen
    finally:
        _of_device_type[chosen.device_type] = before


__all__ = ["DEVICE_TYPES", "TABLE", "Backend", "backend_for", "backend_of", "prefer", "using"]
