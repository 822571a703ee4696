"""antialias on CUDA: nvdiffrast."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from tvdrnet_nv.ops import nvdiffrast


def topology(tri: Tensor) -> Any:
    """nvdiffrast's hash of the edges."""
    return nvdiffrast.load().antialias_construct_topology_hash(tri)


def antialias(color: Tensor, rast: Tensor, pos: Tensor, tri: Tensor, topology: Any, boost: float, walk: int) -> Tensor:
    """The antialiased image; `walk` is 1, nvdiffrast's rule."""
    return nvdiffrast.load().antialias(color, rast, pos, tri, topology_hash=topology, pos_gradient_boost=boost)
