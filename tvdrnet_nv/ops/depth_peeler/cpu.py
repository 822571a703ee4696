"""DepthPeeler on the CPU."""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.ops.contexts import RasterizeCudaContext
from tvdrnet_nv.ops.rasterize import Scene
from tvdrnet_nv.ops.rasterize.cpu import rasterize


class Peeling:
    """The layers of a scene, front to back: each is what lies behind the last."""

    rasterize = staticmethod(rasterize)

    def __init__(self, glctx: RasterizeCudaContext, scene: Scene, grad_db: bool) -> None:
        self._context, self._scene, self._grad_db = glctx, scene, grad_db
        self._front: Tensor | None = None

    def next_layer(self) -> tuple[Tensor, Tensor]:
        """`rast` and `rast_db` of the next layer."""
        rast, rast_db = self.rasterize(self._context, self._scene, self._grad_db, self._front)
        self._front = rast.detach()
        return rast, rast_db

    def end(self, *exception: object) -> None:
        """Nothing to give back."""
