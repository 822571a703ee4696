"""What nvdiffrast 0.3 needs to compile its plugin at its first use, and to find it again.

nvdiffrast 0.4 is compiled when it is installed, and needs none of this.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from tvdrnet_nv.ops.nvdiffrast.installed import INSTALL

_AFTERWARDS = f"or install nvdiffrast 0.4 in its place: {INSTALL}"


@contextmanager
def building() -> Iterator[None]:
    """While nvdiffrast looks for its plugin, and compiles it where it is not there yet.

    The plugin is found, and so is ninja in a virtual environment that is not activated. Torch's warnings about its own
    imports and about compilers are not turned into errors by anybody's filters.
    """
    before = os.environ.get("PATH")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _register_what_torch_imports()
        if shutil.which("ninja") is None:
            path = (os.defpath if before is None else before, sysconfig.get_path("scripts"))
            os.environ["PATH"] = os.pathsep.join(filter(None, path))
        try:
            yield
        finally:
            if before is None:
                os.environ.pop("PATH", None)
            else:
                os.environ["PATH"] = before


def _register_what_torch_imports() -> None:
    """Put the extensions that torch loads into `sys.modules`, where nvdiffrast 0.3 imports them by name.

    nvdiffrast first asks `_import_module_from_library` for what an earlier process has compiled, and
    `torch.utils.cpp_extension.load`, which ends in the same function, only where there is nothing. Up to torch 2.10
    Python itself registered what that function loaded. Since then pybind11 initialises modules in two phases, and
    Python leaves it to the caller.
    """
    cpp_extension: Any = importlib.import_module("torch.utils.cpp_extension")
    original = cpp_extension._import_module_from_library
    if getattr(original, "_registers", False):
        return

    def import_and_register(module_name: str, *args: Any, **kwargs: Any) -> Any:
        module = original(module_name, *args, **kwargs)
        if isinstance(module, ModuleType):
            sys.modules.setdefault(module_name, module)
        return module

    import_and_register._registers = True  # type: ignore[attr-defined]
    cpp_extension._import_module_from_library = import_and_register


def why_not_built(error: Exception) -> str:
    """What is missing where the plugin could not be compiled, or what the compilation said; and what to do.

    Args:
        error: what was raised.
    """
    missing = _missing_tool()
    if missing is not None:
        return f"nvdiffrast 0.3 compiles its plugin at its first use, and {missing}, {_AFTERWARDS}"
    return f"nvdiffrast could not compile its plugin ({_telling_line(error)}); mend that, {_AFTERWARDS}"


def _missing_tool() -> str | None:
    """The first of the tools that is not there, and how to get it; None where all are."""
    from torch.utils.cpp_extension import CUDA_HOME

    if CUDA_HOME is None or not Path(CUDA_HOME, "bin", "nvcc").exists():
        return f"there is no nvcc; install the CUDA toolkit {torch.version.cuda}, set CUDA_HOME to it"
    compiler = os.environ.get("CXX", "c++")
    if shutil.which(compiler) is None:
        return f"there is no C++ compiler {compiler}; install g++"
    if shutil.which("ninja") is None:
        return "there is no ninja; pip install ninja"
    return None


def _telling_line(error: Exception) -> str:
    """The compiler's first complaint, else the first line of the message."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return next((line for line in lines if "error:" in line or "mismatches" in line), lines[0])
