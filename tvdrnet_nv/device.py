"""Which backend runs, and why."""

from __future__ import annotations

from importlib.util import find_spec

import torch

from tvdrnet_nv.errors import InputError

CUDA_INSTALL = "pip install 'tvdrnet_nv[cuda]' (nvdiffrast: non-commercial use only)"


def choose_device(wanted: str) -> tuple[torch.device, str]:
    """The device for "auto", "cpu" or "cuda", and the reason in a few words.

    Raises:
        InputError: "cuda" cannot be used here; the message says what is missing.
    """
    if wanted == "cpu":
        return torch.device("cpu"), "as asked for"
    missing = missing_for_cuda()
    if missing is None:
        return torch.device("cuda"), f"{torch.cuda.get_device_name()} with nvdiffrast"
    if wanted == "cuda":
        raise InputError(f"`device` cuda: {missing}")
    return torch.device("cpu"), missing.split(";")[0]


def missing_for_cuda() -> str | None:
    """What stands between here and the CUDA backend, and what to do about it; None when nothing does."""
    if torch.version.cuda is None:
        return f"this torch ({torch.__version__}) is built without CUDA; install a CUDA build from pytorch.org"
    if not torch.cuda.is_available():
        return "torch sees no CUDA device; check nvidia-smi and CUDA_VISIBLE_DEVICES"
    if find_spec("nvdiffrast") is None:
        return f"nvdiffrast is not installed; {CUDA_INSTALL}"
    return None
