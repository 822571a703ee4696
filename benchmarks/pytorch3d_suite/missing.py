"""A pytest plugin beside `tvdrnet_nv.compat.pytest`: a missing name fails the tests that use it, not the import.

Test files import dozens of names at once. With this plugin the tests that need none of the missing ones run.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tvdrnet_nv.compat import modules


class MissingName(Exception):
    """A test used a name that is not provided."""


class _Missing(type):
    """A class that stands for the missing name: fit for annotations and tuples, and for nothing else."""

    def __call__(cls, *_args: object, **_kwargs: object) -> Any:
        raise MissingName(cls.__name__)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise MissingName(cls.__name__)


def _placeholder(self: ModuleType, name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return _Missing(f"{self.__name__}.{name}", (), {})


class _Module(ModuleType):
    """A module that is not provided, full of names that are not."""

    __getattr__ = _placeholder


class _Loader:
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = _Module(spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""


def _find_spec(self: Any, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
    package = fullname.partition(".")[0]
    if package in sys.modules and hasattr(sys.modules[package], modules.mark(package)) and package != fullname:
        return importlib.util.spec_from_loader(fullname, _Loader(), is_package=True)  # type: ignore[arg-type]
    return None


modules._StandIn.__getattr__ = _placeholder  # type: ignore[method-assign]
modules._NoSubmodules.find_spec = _find_spec  # type: ignore[method-assign,assignment]
