"""rasterize on CUDA: nvdiffrast."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.ops import nvdiffrast
from tvdrnet_nv.ops.contexts import RasterizeCudaContext
from tvdrnet_nv.ops.rasterize import Scene


def rasterize(glctx: RasterizeCudaContext, scene: Scene, grad_db: bool) -> tuple[Tensor, Tensor]:
    """The nearest surface."""
    padded = PaddedImage(scene)
    native = glctx.native(scene.pos.device)
    rast, rast_db = nvdiffrast.load().rasterize(
        native, padded.pos, scene.tri, padded.resolution, ranges=scene.ranges, grad_db=grad_db
    )
    return padded.crop(rast, rast_db, glctx.output_db)


class PaddedImage:
    """nvdiffrast's CUDA rasterizer may want multiples of 8: a larger image, whose lower left corner is the one wanted.

    Attributes:
        pos: the vertices for the larger image.
        resolution: its (height, width).
    """

    def __init__(self, scene: Scene) -> None:
        self._height, self._width = height, width = scene.resolution
        self.resolution = (-(-height // 8) * 8, -(-width // 8) * 8)
        self.pos = scene.pos
        if self.resolution != scene.resolution:
            scale_x, scale_y = width / self.resolution[1], height / self.resolution[0]
            x, y, z, w = scene.pos.unbind(-1)
            self.pos = torch.stack((x * scale_x + (scale_x - 1) * w, y * scale_y + (scale_y - 1) * w, z, w), dim=-1)

    def crop(self, rast: Tensor, rast_db: Tensor, output_db: bool) -> tuple[Tensor, Tensor]:
        """The image's part of what nvdiffrast found on the larger one; with `output_db` false without derivatives."""
        if self.resolution != (self._height, self._width):
            rast = rast[:, : self._height, : self._width].contiguous()
            rast_db = rast_db[:, : self._height, : self._width].contiguous()
        return rast, rast_db if output_db else rast_db[..., :0]
