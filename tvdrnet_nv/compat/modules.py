"""Packages of ours under other libraries' names in `sys.modules`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


def mark(package: str) -> str:
    """The attribute by which the modules that stand in for a package are known."""
    return f"_stands_for_{package}"


class _StandIn(ModuleType):
    """A module of ours under another's name."""

    def __init__(self, name: str, contents: Mapping[str, object], missing: Callable[[str], str]) -> None:
        super().__init__(name, f"Stands in for {name}.")
        self.__path__ = []
        self.__spec__ = ModuleSpec(name, None, is_package=True)
        self.__dict__.update(contents, __all__=[n for n in contents if not n.startswith("_")])
        self.__dict__[mark(name.partition(".")[0])] = True
        self.__dict__["_missing"] = missing

    def __getattr__(self, name: str) -> Any:
        # Python asks modules for such names and takes no for an answer.
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        raise AttributeError(self.__dict__["_missing"](f"{self.__name__}.{name}"))


class _NoSubmodules(MetaPathFinder):
    """Asked last: what is looked for in our stand-ins and was not found there has no other home."""

    def __init__(self, package: str, missing: Callable[[str], str]) -> None:
        self._package = package
        self._missing = missing

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        if fullname.startswith(f"{self._package}.") and hasattr(sys.modules.get(self._package), mark(self._package)):
            raise ImportError(self._missing(fullname), name=fullname)


@contextmanager
def standing_in(
    package: str, modules: Mapping[str, Mapping[str, object]], missing: Callable[[str], str]
) -> Iterator[None]:
    """Within the block, `import` finds these modules.

    A name that they lack raises AttributeError, or ImportError from an `import`.

    Args:
        package: the package's name.
        modules: the contents of the package and of its modules, by full name; each module's parent is one too.
        missing: what to say about a full name that there is not.
    """
    ours = {name: _StandIn(name, contents, missing) for name, contents in modules.items()}
    for name, module in ours.items():
        parent, _, child = name.rpartition(".")
        # A function may have its module's name, as in PyTorch3D.
        if parent and child not in ours[parent].__dict__:
            setattr(ours[parent], child, module)
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == package}
    finder = _NoSubmodules(package, missing)
    sys.modules.update(ours)
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in list(sys.modules):
            if name.partition(".")[0] == package:
                del sys.modules[name]
        sys.modules.update(before)
