"""DepthPeeler on CUDA: nvdiffrast's."""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.ops import nvdiffrast
from tvdrnet_nv.ops.contexts import RasterizeCudaContext
from tvdrnet_nv.ops.rasterize import Scene


class Peeling:
    """nvdiffrast's peeler, from its `with` block's beginning to its end."""

    def __init__(self, glctx: RasterizeCudaContext, scene: Scene, grad_db: bool) -> None:
        self._output_db = glctx.output_db
        self._pos = scene.pos
        with nvdiffrast.on(self._pos) as dr:
            self._native = dr.DepthPeeler(
                glctx.native(scene.pos.device),
                scene.pos,
                scene.tri,
                scene.resolution,
                ranges=scene.ranges,
                grad_db=grad_db,
            )
            self._native.__enter__()

    def next_layer(self) -> tuple[Tensor, Tensor]:
        """`rast` and `rast_db` of the next layer."""
        with nvdiffrast.on(self._pos):
            rast, rast_db = self._native.rasterize_next_layer()
        return rast, rast_db if self._output_db else rast_db[..., :0]

    def end(self, *exception: object) -> None:
        """End nvdiffrast's `with` block."""
        self._native.__exit__(*exception)
