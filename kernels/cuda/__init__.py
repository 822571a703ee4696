"""Fused kernels for CUDA tensors, in Triton (Tillet et al. 2019): one op per file, compiled on first use.

Triton comes with CUDA builds of torch on Linux and is imported on first use only; `tvdrnet_nv.ops` is the only caller.
With TRITON_INTERPRET=1 in the environment, from before the import, the kernels run on CPU tensors: slowly, for tests.
"""

from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType


@cache
def available() -> bool:
    """Whether triton can be imported."""
    try:
        importlib.import_module("triton.language")
    except ImportError:
        return False
    return True


def load(op: str) -> ModuleType:
    """Return the module `tvdrnet_nv.kernels.cuda.<op>`.

    Raises:
        RuntimeError: triton is not installed or cannot be imported.
    """
    try:
        importlib.import_module("triton.language")
    except ImportError as error:
        raise RuntimeError(
            f"{op} on CUDA tensors needs triton, which cannot be imported ({error}); CUDA builds of torch for Linux "
            "bring it along, otherwise install it with `pip install 'tvdrnet_nv[triton]'`"
        ) from error
    return importlib.import_module(f"{__name__}.{op}")
