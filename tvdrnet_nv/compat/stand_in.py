"""`nvdiffrast` and `nvdiffrast.torch` in `sys.modules`, provided by us."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Any

from tvdrnet_nv import ops
from tvdrnet_nv.ops.nvdiffrast import STAND_IN

# The version whose interface is offered, in nvdiffrast's own counting.
VERSION = "0.4.0"

# What `nvdiffrast.torch` exports, from 0.3.3 to 0.4.
PUBLIC = (
    "DepthPeeler",
    "RasterizeCudaContext",
    "RasterizeGLContext",
    "antialias",
    "antialias_construct_topology_hash",
    "get_log_level",
    "interpolate",
    "rasterize",
    "set_log_level",
    "texture",
    "texture_construct_mip",
)


def provided() -> tuple[str, ...]:
    """The names of `PUBLIC` that our `nvdiffrast.torch` has."""
    return tuple(name for name in PUBLIC if hasattr(ops, name))


def _missing(name: str) -> str:
    return f"{name} is not provided by tvdrnet_nv, which stands in for nvdiffrast here; it has {', '.join(provided())}"


class _StandIn(ModuleType):
    """A package of ours under nvdiffrast's name."""

    def __init__(self, name: str, doc: str) -> None:
        super().__init__(name, doc)
        self.__path__ = []
        setattr(self, STAND_IN, True)

    def __getattr__(self, name: str) -> Any:
        # Python asks modules for such names and takes no for an answer.
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        raise AttributeError(_missing(f"{self.__name__}.{name}"))


class _NoSubmodules(MetaPathFinder):
    """Asked last: what is looked for in our stand-ins and was not found there has no other home."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        if fullname.startswith("nvdiffrast.") and hasattr(sys.modules.get("nvdiffrast"), STAND_IN):
            raise ImportError(_missing(fullname), name=fullname)


@contextmanager
def standing_in_for_nvdiffrast() -> Iterator[None]:
    """Within the block `import nvdiffrast.torch` gives our ops.

    A name that nvdiffrast has and ours lacks raises AttributeError, or ImportError from an `import`, which names it.
    """
    package = _StandIn("nvdiffrast", "Stands in for nvdiffrast.")
    module = _StandIn("nvdiffrast.torch", "The ops of tvdrnet_nv under nvdiffrast's name.")
    package.__dict__.update(__version__=VERSION, torch=module)
    module.__dict__.update({name: getattr(ops, name) for name in provided()}, __all__=list(provided()))
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "nvdiffrast"}
    finder = _NoSubmodules()
    sys.modules.update({package.__name__: package, module.__name__: module})
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in (package.__name__, module.__name__):
            sys.modules.pop(name, None)
        sys.modules.update(before)
