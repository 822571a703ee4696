"""Which backend runs, and why."""

from __future__ import annotations

import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.ops.backends import TABLE


def choose_device(wanted: str) -> tuple[torch.device, str]:
    """The device for "auto", "cpu" or "cuda", and the reason in a few words.

    "auto" is CUDA where that works: it is tried, which compiles nvdiffrast 0.3 at its first use.

    Raises:
        InputError: "cuda" cannot be used here; the message says what is missing.
    """
    if wanted == "cpu":
        return torch.device("cpu"), "as requested"
    missing = TABLE["cuda"].why_unusable()
    if missing is None:
        return torch.device("cuda"), f"{torch.cuda.get_device_name()} with nvdiffrast"
    if wanted == "cuda":
        raise InputError(f"`device` cuda: {missing}")
    return torch.device("cpu"), missing.split(";")[0]
