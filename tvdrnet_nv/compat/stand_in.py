"""`nvdiffrast` and `nvdiffrast.torch` in `sys.modules`, provided by us."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tvdrnet_nv import ops
from tvdrnet_nv.compat.modules import standing_in

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


@contextmanager
def standing_in_for_nvdiffrast() -> Iterator[None]:
    """Within the block `import nvdiffrast.torch` gives our ops.

    A name that nvdiffrast has and ours lacks raises AttributeError, or ImportError from an `import`, which names it.
    """
    modules = {
        "nvdiffrast": {"__version__": VERSION},
        "nvdiffrast.torch": {name: getattr(ops, name) for name in provided()},
    }
    with standing_in("nvdiffrast", modules, _missing):
        yield
