"""The CUDA backend: NVIDIA's nvdiffrast, imported on first use."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

INSTALL = "install it with `pip install 'tvdrnet_nv[cuda]'` (nvdiffrast's licence allows non-commercial use only)"

# Marks the modules that stand for nvdiffrast in `sys.modules`.
STAND_IN = "_stands_for_nvdiffrast"


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


_loaded: Any = None

log_level: int | None = None  # that was wanted; None: its own default


def obey(level: int) -> None:
    """Set nvdiffrast's log level: now, or when it is loaded."""
    global log_level
    log_level = level
    if _loaded is not None:
        _loaded.set_log_level(level)


def load() -> Any:
    """Return the module `nvdiffrast.torch`: NVIDIA's, also where `tvdrnet_nv.compat.nvdiffrast` put ours in its place.

    Raises:
        RuntimeError: nvdiffrast is not installed or cannot be imported.
    """
    global _loaded
    if _loaded is None:
        _let_torch_find_plugins()
        stand_ins = {name: module for name, module in sys.modules.items() if hasattr(module, STAND_IN)}
        for name in stand_ins:
            del sys.modules[name]
        try:
            _loaded = importlib.import_module("nvdiffrast.torch")
        except ImportError as error:
            raise RuntimeError(
                f"CUDA tensors need nvdiffrast, which cannot be imported ({error}); {INSTALL}"
            ) from error
        finally:
            sys.modules.update(stand_ins)
        # Only then: asking nvdiffrast 0.3 for anything compiles it.
        if log_level is not None:
            _loaded.set_log_level(log_level)
    return _loaded
