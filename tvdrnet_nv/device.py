"""Which backend runs, and why."""

from __future__ import annotations

import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.ops import cuda_device
from tvdrnet_nv.ops.backends import TABLE, prefer


def choose_device(wanted: str) -> tuple[torch.device, str]:
    """The device for "auto", "cpu", "cuda" or "fused", and the reason in a few words.

    "auto" is CUDA with nvdiffrast where that works: it is tried, which compiles nvdiffrast 0.3 at its first use.
    "fused" is CUDA with our own kernels, for all of the process from then on; "auto" and "cuda" lead back.

    Raises:
        InputError: "cuda" or "fused" cannot be used here; the message says what is missing.
    """
    if wanted == "cpu":
        return torch.device("cpu"), "as requested"
    backend, kernels = ("fused", "our own kernels") if wanted == "fused" else ("cuda", "nvdiffrast")
    missing = TABLE[backend].why_unusable()
    if missing is None:
        prefer(backend)
        return torch.device("cuda"), f"{torch.cuda.get_device_name()} with {kernels}"
    if wanted != "auto":
        raise InputError(f"`device` {wanted}: {missing}")
    reason = missing.split(";")[0]
    if (cuda_device.why_absent() or cuda_device.why_not_computing()) is None:
        reason += "; the device fused needs no nvdiffrast"
    return torch.device("cpu"), reason
