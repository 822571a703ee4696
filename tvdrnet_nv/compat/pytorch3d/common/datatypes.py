"""Devices, as PyTorch3D's functions take them."""

from __future__ import annotations

import torch
from torch import Tensor

Device = str | torch.device

__all__ = ["Device", "get_device", "make_device"]


def make_device(device: Device) -> torch.device:
    """The device; 'cuda' without a number is the current GPU."""
    given = torch.device(device)
    if given.type == "cuda" and given.index is None:
        return torch.device("cuda", torch.cuda.current_device())
    return given


def get_device(x: object, device: Device | None = None) -> torch.device:
    """`device` if given, else where the tensor `x` is, else the CPU."""
    if device is not None:
        return make_device(device)
    return x.device if isinstance(x, Tensor) else torch.device("cpu")
