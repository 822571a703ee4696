"""Fused kernels for CUDA tensors, in Triton (Tillet et al. 2019): one op per file, compiled on first use.

Triton comes with CUDA builds of torch on Linux and is imported on first use only; `tvdrnet_nv.ops` is the only caller.
With TRITON_INTERPRET=1 in the environment, from before the import, the kernels run on CPU tensors: slowly, for tests.
"""

from __future__ import annotations

import importlib
import os
import subprocess
from functools import cache
from types import ModuleType

import torch

_INSTALL = "CUDA builds of torch for Linux bring it along, otherwise install it with `pip install 'tvdrnet_nv[triton]'`"


@cache
def why_unavailable() -> str | None:
    """Why no kernel can be compiled here, and what to do, in one sentence; None where they can.

    On a CUDA device Triton compiles, with a C compiler and Python's headers, what it launches kernels with.
    """
    try:
        importlib.import_module("triton.language")
        driver = importlib.import_module("triton.runtime.driver").driver
    except ImportError as error:
        return f"triton cannot be imported ({error}); {_INSTALL}"
    if not torch.cuda.is_available() or os.environ.get("TRITON_INTERPRET") == "1":
        return None
    try:
        driver.active.get_current_target()
    except subprocess.SubprocessError as error:
        return f"triton's C compiler fails ({_line(error)}); are Python's headers installed (python3-dev)?"
    except (RuntimeError, OSError) as error:
        return f"triton cannot compile ({_line(error)}); is a C compiler installed (gcc)?"
    return None


def available() -> bool:
    """Whether kernels can be compiled; where not, their ops run in torch."""
    return why_unavailable() is None


def load(op: str) -> ModuleType:
    """Return the module `tvdrnet_nv.kernels.cuda.<op>`.

    Raises:
        RuntimeError: triton is not installed, or cannot be imported or compile.
    """
    missing = why_unavailable()
    if missing is not None:
        raise RuntimeError(f"{op} on CUDA tensors needs triton: {missing}")
    return importlib.import_module(f"{__name__}.{op}")


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
