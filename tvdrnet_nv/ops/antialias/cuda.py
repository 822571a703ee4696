"""antialias on CUDA behind nvdiffrast's rasterize: our kernels, or nvdiffrast's own where ours cannot be compiled."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

from torch import Tensor

from tvdrnet_nv.ops import nvdiffrast
from tvdrnet_nv.ops.antialias import cpu, native
from tvdrnet_nv.ops.backends import backend_of


def topology(tri: Tensor) -> Any:
    """What our kernels need to know of the edges, or nvdiffrast's hash of them."""
    missing = backend_of(tri).function("why_not_launched")(tri.device)
    if missing is not None:
        _say(missing)
        with nvdiffrast.on(tri) as dr:
            return dr.antialias_construct_topology_hash(tri)
    return native.topology(tri)


def antialias(color: Tensor, rast: Tensor, pos: Tensor, tri: Tensor, topology: Any, boost: float, walk: int) -> Tensor:
    """The antialiased image; with nvdiffrast's hash `walk` is 1, its rule."""
    if isinstance(topology, cpu.Topology):
        return native.antialias(color, rast, pos, tri, topology, boost, walk)
    with nvdiffrast.on(pos) as dr:
        return dr.antialias(color, rast, pos, tri, topology_hash=topology, pos_gradient_boost=boost)


@cache
def _say(missing: str) -> None:
    """Once for a process."""
    warnings.warn(
        f"silhouettes are nvdiffrast's, which misses most of those of triangles smaller than a pixel: {missing}",
        RuntimeWarning,
        stacklevel=2,
    )
