"""DepthPeeler by our CUDA kernels."""

from __future__ import annotations

from tvdrnet_nv.ops.depth_peeler import cpu
from tvdrnet_nv.ops.rasterize import native


class Peeling(cpu.Peeling):
    """The layers of a scene, front to back."""

    rasterize = staticmethod(native.rasterize)
