"""Packages that come with an extra only."""

from __future__ import annotations

import importlib
from typing import Any

from tvdrnet_nv.errors import InputError


def needed(module: str, package: str, extra: str, what: str) -> Any:
    """A module of an extra.

    Raises:
        InputError: it is not installed; the message says what to type.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != module.split(".")[0]:
            raise
        raise InputError(f"{what} needs {package}; type: pip install 'tvdrnet_nv[{extra}]'") from None
