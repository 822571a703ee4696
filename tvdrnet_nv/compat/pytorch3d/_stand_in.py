"""`pytorch3d` and its modules in `sys.modules`, provided by us."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tvdrnet_nv.compat import pytorch3d
from tvdrnet_nv.compat.modules import standing_in

# The version whose interface is offered, in PyTorch3D's own counting.
VERSION = "0.7.9"


# Private in PyTorch3D; programs and its own tests call them.
PRIVATE = ("_KNN", "_clip_barycentric_coordinates", "_format_radius", "_interpolate_zbuf", "_read_header")


def provided() -> Mapping[str, Mapping[str, object]]:
    """The public names of our modules, by the full names of PyTorch3D's."""
    prefix = f"{pytorch3d.__name__}."
    found: dict[str, Mapping[str, object]] = {"pytorch3d": {"__version__": VERSION}}
    for info in pkgutil.walk_packages(pytorch3d.__path__, prefix):
        name = info.name.removeprefix(prefix)
        if any(part.startswith("_") for part in name.split(".")):
            continue
        module = importlib.import_module(info.name)
        found[f"pytorch3d.{name}"] = {public: getattr(module, public) for public in module.__all__}
    return found


def _missing(name: str) -> str:
    return (
        f"{name} is not provided by tvdrnet_nv, which stands in for PyTorch3D here and has the part of it that camera "
        "optimisation uses (docs/pytorch3d.md)"
    )


@contextmanager
def standing_in_for_pytorch3d() -> Iterator[None]:
    """Within the block `import pytorch3d` and its modules give ours.

    A name that PyTorch3D has and ours lacks raises AttributeError, or ImportError from an `import`, which names it.
    """
    with standing_in("pytorch3d", provided(), _missing):
        yield
