"""A few numbers from the host to a device, and their gradients back, each in one copy. Ours; not in nvdiffrast.

A camera is some twenty numbers. The host computes its matrices and their derivatives in microseconds; a GPU takes a
launch for every operation.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def is_on_host(tensor: Tensor) -> bool:
    """Whether the host has a tensor's numbers, so that reading them waits for nothing."""
    return tensor.device.type == "cpu"


def carried(tensors: Sequence[Tensor], device: torch.device) -> tuple[Tensor, ...]:
    """The same tensors on a device.

    Args:
        tensors: of any shapes and one dtype, all on one device.
        device: where they go; where they are there already, they are returned as they are.

    Returns:
        Parts of one tensor. Gradients come back in one copy, for which the host waits; on the way there it waits for
        nothing. Forward mode and second derivatives work, as all of it is torch.
    """
    if all(tensor.device == device for tensor in tensors):
        return tuple(tensors)
    return _joined(tensors, device)


def _joined(tensors: Sequence[Tensor], device: torch.device) -> tuple[Tensor, ...]:
    """Parts of one copy."""
    flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
    if device.type == "cuda" and torch.cuda.is_available():
        flat = torch.empty_like(flat, pin_memory=True).copy_(flat)  # out of other memory the host waits for a copy
    parts = flat.to(device, non_blocking=True).split([tensor.numel() for tensor in tensors])
    return tuple(part.view(tensor.shape) for part, tensor in zip(parts, tensors, strict=True))
