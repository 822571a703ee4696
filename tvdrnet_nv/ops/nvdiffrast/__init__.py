"""NVIDIA's nvdiffrast, which the CUDA backend runs on, imported on first use."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.ops.nvdiffrast.installed import INSTALL, stand_ins_aside
from tvdrnet_nv.ops.nvdiffrast.installed import why_unusable as why_not_installed
from tvdrnet_nv.ops.nvdiffrast.plugin import building, why_not_built

_loaded: Any = None
_failure: str | None = None  # what kept it from being compiled; again, that would take as long and fail the same

log_level: int | None = None  # that was wanted; None: its own default


def obey(level: int) -> None:
    """Set nvdiffrast's log level: now, or when it is loaded."""
    global log_level
    log_level = level
    if _loaded is not None:
        _loaded.set_log_level(level)


def load() -> Any:
    """Return the module `nvdiffrast.torch`: NVIDIA's, also where `tvdrnet_nv.compat.nvdiffrast` put ours in its place.

    nvdiffrast 0.3 compiles its plugin the first time, which takes a minute or two; 0.4 is compiled when it is
    installed.

    Raises:
        RuntimeError: nvdiffrast is not installed, or cannot be imported or compiled. The message is one sentence, which
            says what to do.
    """
    global _loaded, _failure
    if _loaded is not None:
        return _loaded
    missing = _failure or why_not_installed()
    if missing is not None:
        raise RuntimeError(missing)
    with building():
        try:
            with stand_ins_aside():
                module = importlib.import_module("nvdiffrast.torch")
            module.get_log_level()  # asking 0.3 for anything compiles it
        except ImportError as error:
            raise RuntimeError(
                f"nvdiffrast cannot be imported ({_line(error)}); install it again for this torch: {INSTALL}"
            ) from error
        except Exception as error:  # torch's loader, the compilers and ninja raise what they like
            _failure = why_not_built(error)
            raise RuntimeError(_failure) from error
    if log_level is not None:
        module.set_log_level(log_level)
    _loaded = module
    return module


@contextmanager
def on(tensor: Tensor) -> Iterator[Any]:
    """The module, and while it is used torch's current device is the tensor's, whichever it was.

    Raises:
        RuntimeError: as `load`.
    """
    module = load()
    with torch.cuda.device_of(tensor):
        yield module


def why_not_loaded() -> str | None:
    """Load it, and say in one sentence why that fails and what to do, or None."""
    try:
        load()
    except RuntimeError as error:
        return str(error)
    return None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


__all__ = ["INSTALL", "load", "log_level", "obey", "on", "why_not_installed", "why_not_loaded"]
