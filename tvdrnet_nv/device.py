"""Which backend runs, and why."""

from __future__ import annotations

from contextlib import nullcontext

import torch

from tvdrnet_nv.choices import DEVICES, Device, split_device
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.ops import cuda_device
from tvdrnet_nv.ops.backends import TABLE, prefer


def choose_device(wanted: str) -> tuple[torch.device, str]:
    """The device for "auto", "cpu", "cuda" or "fused", and the reason in a few words.

    "auto" is CUDA with nvdiffrast where that works: it is tried, which compiles nvdiffrast 0.3 at its first use.
    "fused" is CUDA with our own kernels, for all of the process from then on; "auto" and "cuda" lead back.
    "cuda:1" and "fused:1" are the second GPU; without a number it is torch's current one.

    Raises:
        InputError: it is no such word, or "cuda" or "fused" cannot be used here; the message says what is missing.
    """
    words = split_device(wanted)
    if words is None:
        raise InputError(f"`device` {wanted}: choose from {DEVICES}")
    kind, index = words
    if kind == Device.cpu:
        return torch.device("cpu"), "as requested"
    backend, kernels = ("fused", "our own kernels") if kind == Device.fused else ("cuda", "nvdiffrast")
    missing = _why_no_such_gpu(index)
    if missing is None:
        with nullcontext() if index is None else torch.cuda.device(index):
            missing = TABLE[backend].why_unusable()
    if missing is None:
        prefer(backend)
        device = torch.device("cuda") if index is None else torch.device("cuda", index)
        return device, f"{torch.cuda.get_device_name(device)} with {kernels}"
    if kind != Device.auto:
        raise InputError(f"`device` {wanted}: {missing}")
    reason = missing.split(";")[0]
    if (cuda_device.why_absent() or cuda_device.why_not_computing()) is None:
        reason += "; the device fused needs no nvdiffrast"
    return torch.device("cpu"), reason


def _why_no_such_gpu(index: int | None) -> str | None:
    """Why there is no GPU of a number, and what to do, in one sentence; None where there is, or where none is named."""
    if index is None:
        return None
    absent = cuda_device.why_absent()
    if absent is not None:
        return absent
    count = torch.cuda.device_count()
    if index < count:
        return None
    seen = "one CUDA device, number 0" if count == 1 else f"{count} CUDA devices, numbers 0 to {count - 1}"
    return f"torch sees {seen}; choose one of them, or check CUDA_VISIBLE_DEVICES"
