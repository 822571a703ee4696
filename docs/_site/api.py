"""The pages of the API reference: one for each public package, made from its `__all__`."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any

import tvdrnet_nv

# The command and the benchmarks have pages of their own; kernels are behind ops, and compat has others' names.
WITHOUT_PAGE = {"cli", "benchmarks", "kernels"}
# Modules, not packages, that the pages of docs name.
MODULES = ("up",)


def public_modules() -> dict[str, ModuleType]:
    """Every public package by name; the first is tvdrnet_nv itself. A package is public that has `__all__`."""
    names = [info.name for info in pkgutil.iter_modules(tvdrnet_nv.__path__) if info.ispkg or info.name in MODULES]
    modules = [importlib.import_module(f"tvdrnet_nv.{name}") for name in names if name not in WITHOUT_PAGE]
    found = [module for module in modules if hasattr(module, "__all__") or module.__name__.split(".")[-1] in MODULES]
    return {module.__name__: module for module in (tvdrnet_nv, *found)}


def public_names(module: ModuleType) -> list[str]:
    """What a module offers: its `__all__`, or else the functions and classes that it defines."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    defined = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
    return [name for name in defined if not name.startswith("_")]


def pages() -> dict[str, str]:
    """The reStructuredText of each page, by its file's name."""
    modules = public_modules()
    homes: dict[int, str] = {}  # a name that several packages have is documented in the first of the others
    for name, module in [*list(modules.items())[1:], ("tvdrnet_nv", tvdrnet_nv)]:
        for public in public_names(module):
            homes.setdefault(id(getattr(module, public)), name)
    written = {f"{name}.rst": _page(name, module, homes) for name, module in modules.items()}
    return {"index.rst": _index(modules), **written}


def _index(modules: dict[str, ModuleType]) -> str:
    lines = [*_title("API reference"), "What is public, package by package.", "", ".. toctree::", "   :hidden:", ""]
    lines += [f"   {name}" for name in modules]
    lines += ["", ".. list-table::", "   :widths: auto", ""]
    for name, module in modules.items():
        lines += [f"   * - :doc:`{name} <{name}>`", f"     - {_first_sentence(module)}"]
    return "\n".join([*lines, ""])


def _page(name: str, module: ModuleType, homes: dict[int, str]) -> str:
    here, elsewhere = [], []
    for public in public_names(module):
        home = homes[id(getattr(module, public))]
        (here if home == name else elsewhere).append((public, home))
    lines = [*_title(name), f".. automodule:: {name}", "   :no-members:", ""]
    if elsewhere:
        lines += ["Also here:", ""]
        lines += [f"- :py:obj:`{public} <{home}.{public}>` of :doc:`{home} <{home}>`" for public, home in elsewhere]
        lines += [""]
    for public, _ in here:
        lines += _entry(f"{name}.{public}", getattr(module, public))
    return "\n".join(lines)


def _entry(path: str, value: Any) -> list[str]:
    if inspect.ismodule(value):
        return [f".. automodule:: {value.__name__}", "   :no-members:", ""]
    if inspect.isclass(value):
        kind = "exception" if issubclass(value, BaseException) else "class"
        return [f".. auto{kind}:: {path}", ""]
    if callable(value):
        return [f".. autofunction:: {path}", ""]
    shown = [] if len(repr(value)) < 200 else ["   :no-value:"]
    return [f".. autodata:: {path}", *shown, ""]


def _title(text: str) -> list[str]:
    return [text, "=" * len(text), ""]


def _first_sentence(module: ModuleType) -> str:
    return (module.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
