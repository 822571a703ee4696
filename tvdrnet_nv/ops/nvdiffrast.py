"""The CUDA backend: NVIDIA's nvdiffrast, imported on first use."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

INSTALL = "install it with `pip install 'tvdrnet_nv[cuda]'` (nvdiffrast's licence allows non-commercial use only)"


def _let_torch_find_plugins() -> None:
    """Make the plugin importable that nvdiffrast 0.3 compiles with `torch.utils.cpp_extension.load`.

    nvdiffrast imports it by name afterwards. Up to torch 2.10, `load` registered what it loaded in `sys.modules`; since
    2.11 it does not, and the import fails unless the build folder is on `sys.path`.
    """
    from torch.utils import cpp_extension

    if getattr(cpp_extension.load, "_registers", False):
        return
    original = cpp_extension.load

    def load(name: str, *args: Any, **kwargs: Any) -> Any:
        module = original(name, *args, **kwargs)
        if isinstance(module, ModuleType):
            sys.modules.setdefault(name, module)
        return module

    load._registers = True  # type: ignore[attr-defined]
    cpp_extension.load = load


def load() -> Any:
    """Return the module `nvdiffrast.torch`.

    Raises:
        RuntimeError: nvdiffrast is not installed or cannot be imported.
    """
    _let_torch_find_plugins()
    try:
        return importlib.import_module("nvdiffrast.torch")
    except ImportError as error:
        raise RuntimeError(f"CUDA tensors need nvdiffrast, which cannot be imported ({error}); {INSTALL}") from error
