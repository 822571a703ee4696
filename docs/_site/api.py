"""The pages of the API reference: one for each public package, made from its `__all__`."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from types import ModuleType

from sphinx.pycode import ModuleAnalyzer

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
        lines += _entry(module, public)
    return "\n".join(lines)


def _entry(module: ModuleType, name: str) -> list[str]:
    path, value = f"{module.__name__}.{name}", getattr(module, name)
    if inspect.ismodule(value):
        return [f".. automodule:: {value.__name__}", "   :no-members:", ""]
    if inspect.isclass(value):
        kind = "exception" if issubclass(value, BaseException) else "class"
        return [f".. auto{kind}:: {path}", ""]
    if callable(value):
        return [f".. autofunction:: {path}", ""]
    shown = repr(value)
    lines = [f".. py:data:: {path}", *([f"   :value: {shown}"] if len(shown) < 200 else []), ""]
    return [*lines, *(f"   {line}" for line in _constants_docstring(module, name)), ""]


def _constants_docstring(module: ModuleType, name: str) -> list[str]:
    """The text below a constant, where a package has it from."""
    tree = ast.parse(inspect.getsource(module))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module]
    homes = [node.module for node in imports if name in {alias.name for alias in node.names}]
    found = ModuleAnalyzer.for_module((homes or [module.__name__])[0] or "").find_attr_docs()
    return found.get(("", name), [])


def _title(text: str) -> list[str]:
    return [text, "=" * len(text), ""]


def _first_sentence(module: ModuleType) -> str:
    return (module.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
