"""rasterize on CUDA: nvdiffrast."""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.ops import nvdiffrast
from tvdrnet_nv.ops.contexts import RasterizeCudaContext
from tvdrnet_nv.ops.rasterize import Scene


def rasterize(glctx: RasterizeCudaContext, scene: Scene, grad_db: bool) -> tuple[Tensor, Tensor]:
    """The nearest surface."""
    with nvdiffrast.on(scene.pos) as dr:
        rast, rast_db = dr.rasterize(
            glctx.native(scene.pos.device),
            scene.pos,
            scene.tri,
            scene.resolution,
            ranges=scene.ranges,
            grad_db=grad_db,
        )
    return rast, rast_db if glctx.output_db else rast_db[..., :0]
