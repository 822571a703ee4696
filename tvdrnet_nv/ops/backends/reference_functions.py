"""The functions of the backend "reference": results of the float64 references, in the dtype that came in."""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.ops import references
from tvdrnet_nv.ops.arguments import wrong_ids
from tvdrnet_nv.ops.contexts import RasterizeCudaContext
from tvdrnet_nv.ops.depth_peeler.reference import layer_ids
from tvdrnet_nv.ops.rasterize import Scene
from tvdrnet_nv.ops.rasterize.reference import rasterize as rasterize_float64
from tvdrnet_nv.ops.texture.mipmap import halved


def index_range(tri: Tensor) -> tuple[int, int]:
    """The lowest and the highest index; 0 and -1 where there is none."""
    if tri.numel() == 0:
        return 0, -1
    low, high = tri.aminmax()
    return int(low), int(high)


def rasterize(
    glctx: RasterizeCudaContext, scene: Scene, grad_db: bool, ids: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The nearest surface, or that of the triangles `ids` [B, H, W]."""
    pos = scene.pos
    rast, rast_db = rasterize_float64(pos, scene.tri, scene.resolution, scene.ranges, ids)
    rast, rast_db = (_reached_by(pos, result).to(pos.dtype) for result in (rast, rast_db))
    if not glctx.output_db:
        rast_db = rast_db[..., :0]
    return rast, rast_db if grad_db else rast_db.detach()


class Peeling:
    """The layers of a scene, front to back, each found anew from all the triangles over a pixel."""

    def __init__(self, glctx: RasterizeCudaContext, scene: Scene, grad_db: bool) -> None:
        self._context, self._scene, self._grad_db = glctx, scene, grad_db
        self._layers = 0

    def next_layer(self) -> tuple[Tensor, Tensor]:
        """`rast` and `rast_db` of the next layer."""
        self._layers += 1
        scene = self._scene
        ids = layer_ids(scene.pos.detach(), scene.tri, scene.resolution, self._layers, scene.ranges)[-1]
        return rasterize(self._context, scene, self._grad_db, ids)

    def end(self, *exception: object) -> None:
        """Nothing to give back."""


def interpolate(
    attr: Tensor, rast: Tensor, tri: Tensor, rast_db: Tensor | None, indices: list[int]
) -> tuple[Tensor, Tensor]:
    """`out` and `out_da`."""
    _check_ids(rast, len(tri))
    out, out_da = references.interpolate(attr, rast, tri, rast_db, indices or None)
    return _reached_by(attr, out).to(attr.dtype), out_da.to(attr.dtype)


def topology(tri: Tensor) -> None:
    """Nothing: `antialias` finds the edges each time."""
    low, _ = index_range(tri)
    if low < 0:
        raise ValueError(f"tri holds the negative vertex index {low}")


def antialias(color: Tensor, rast: Tensor, pos: Tensor, tri: Tensor, topology: None, boost: float, walk: int) -> Tensor:
    """The antialiased image; `walk` is 1."""
    _check_ids(rast, len(tri))
    fixed = pos.detach()
    boosted = fixed + boost * (pos - fixed)  # the same positions with another gradient
    return _reached_by(pos, references.antialias(color, rast, boosted, tri)).to(color.dtype)


def mip_levels(tex: Tensor, max_mip_level: int | None, cube: bool) -> int:
    """How many levels there are beside the texture itself."""
    height, width = tex.shape[-3:-1]
    levels = 0
    while (height, width) != (1, 1) and levels != max_mip_level:
        height, width = halved((height, width), levels)
        levels += 1
    return levels


def texture(
    tex: Tensor,
    uv: Tensor,
    uv_da: Tensor | None,
    mip_level_bias: Tensor | None,
    mip: int | None,
    custom: list[Tensor] | None,
    filter_mode: str,
    boundary_mode: str,
    max_mip_level: int | None,
) -> Tensor:
    """The texture at every pixel; `mip` is from `mip_levels`, `custom` the caller's own levels."""
    if "mipmap" in filter_mode and custom is None:
        levels = mip_levels(tex, max_mip_level, boundary_mode == "cube")
        max_mip_level = levels if mip is None else min(levels, mip)
    out = references.texture(tex, uv, uv_da, mip_level_bias, custom, filter_mode, boundary_mode, max_mip_level)
    return out.to(tex.dtype)


def _check_ids(rast: Tensor, triangles: int) -> None:
    ids = rast.detach()[..., 3]
    if not bool(((ids >= 0) & (ids <= triangles) & (ids == ids.floor())).all()):
        raise wrong_ids(triangles)


def _reached_by(leaf: Tensor, result: Tensor) -> Tensor:
    """A result that has a gradient, zero, for a tensor that nothing of it depends on."""
    return result + leaf.flatten()[:0].sum()
