"""Whether torch has a CUDA device that computes, and what is wrong where it has not."""

from __future__ import annotations

import warnings

import torch


def why_absent() -> str | None:
    """Why torch sees no CUDA device, and what to do, in one sentence; None where it sees one."""
    if torch.version.cuda is None:
        return f"this torch ({torch.__version__}) is built without CUDA; install a CUDA build from pytorch.org"
    with warnings.catch_warnings():  # torch warns of an old driver; it is named below
        warnings.simplefilter("ignore")
        if torch.cuda.is_available():
            return None
        try:
            torch.cuda.init()
        except (RuntimeError, AssertionError) as error:
            said = _first_sentence(error)
        else:
            said = "no device is visible"
    if "driver" in said and ("too old" in said or "insufficient" in said):
        return (
            f"torch sees no CUDA device ({said}); update the NVIDIA driver, or install a torch for a CUDA before "
            f"{torch.version.cuda} from pytorch.org"
        )
    return f"torch sees no CUDA device ({said}); check nvidia-smi and CUDA_VISIBLE_DEVICES"


def why_not_computing() -> str | None:
    """Why the CUDA device cannot add two numbers, and what to do, in one sentence; None where it can."""
    try:
        (torch.ones(1, device="cuda") + 1).cpu()
    except RuntimeError as error:
        said = _first_sentence(error)
        if "no kernel image" in said:
            major, minor = torch.cuda.get_device_capability()
            return (
                f"torch {torch.__version__} has no kernels for {torch.cuda.get_device_name()} (sm_{major}{minor}); "
                "install a torch for this GPU from pytorch.org"
            )
        return f"the CUDA device does not compute ({said}); check nvidia-smi"
    return None


def _first_sentence(error: Exception) -> str:
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return line.split(". ")[0].rstrip(".")
