"""rasterize by our CUDA kernels."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.ops.contexts import RasterizeCudaContext
from tvdrnet_nv.ops.function import differentiable, native
from tvdrnet_nv.ops.native import Grid, launch, summed_by_vertex
from tvdrnet_nv.ops.native.jobs import Image, RasterizeGradJob, RasterizeJob, RasterizeTangentJob, pointer
from tvdrnet_nv.ops.rasterize import Scene, cpu

LARGE_ROOM = 1 << 16  # parts of large triangles
SCREEN_VERTEX, LARGE_PART = 16, 24  # bytes
_STAGES = ["rasterize_prepare", "rasterize_draw", "rasterize_draw_large", "rasterize_resolve"]


def rasterize(
    glctx: RasterizeCudaContext, scene: Scene, grad_db: bool, front: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The nearest surface, or with `front`, the `rast` of a layer, the nearest behind it."""
    instanced = scene.pos if scene.ranges is None else scene.pos[None]
    rast, rast_db = _rasterize(instanced, scene.tri, scene.ranges, front, scene.resolution, glctx.output_db)
    return rast, rast_db if grad_db else rast_db.detach()


def forward(
    pos: Tensor,
    tri: Tensor,
    ranges: Tensor | None,
    front: Tensor | None,
    resolution: tuple[int, int],
    with_db: bool,
    grid: Grid | None = None,
    large_room: int = LARGE_ROOM,
) -> tuple[Tensor, Tensor]:
    """`rast` and `rast_db` for pos [B or 1, V, 4], with room for so many parts of large triangles."""
    pos, front = pos.detach(), None if front is None else front.detach()
    sets, vertices, _ = pos.shape
    batch = sets if ranges is None else ranges.shape[0]
    rast = pos.new_empty((batch, *resolution, 4))
    rast_db = pos.new_empty((batch, *resolution, 4 if with_db else 0))
    ranges = None if ranges is None else ranges.to(pos.device)
    screen = pos.new_empty(sets * vertices * SCREEN_VERTEX, dtype=torch.uint8)
    large = pos.new_empty(large_room * LARGE_PART, dtype=torch.uint8)
    visible = pos.new_empty(rast.shape[:3], dtype=torch.int64)
    large_count = pos.new_empty(1, dtype=torch.int64)
    job = RasterizeJob(
        image=Image(batch, *resolution),
        pos=pointer(pos),
        pos_stride=_stride(pos),
        vertices=vertices,
        tri=pointer(tri),
        triangles=len(tri),
        ranges=pointer(ranges),
        peel=pointer(front),
        rast=pointer(rast),
        db=pointer(rast_db) if with_db else None,
        screen=pointer(screen),
        visible=pointer(visible),
        large=pointer(large),
        large_room=large_room,
        large_count=pointer(large_count),
    )
    launch(_STAGES, job, pos, grid)
    return rast, rast_db


def backward(
    tensors: tuple[Tensor, ...],
    with_db: bool,
    _needs: object,
    grad_rast: Tensor | None,
    grad_db: Tensor | None,
    grid: Grid | None = None,
) -> tuple[Tensor | None, ...]:
    """The vertices' gradient."""
    pos, tri, rast = (x.detach() for x in tensors)
    grad_rast = torch.zeros_like(rast) if grad_rast is None else grad_rast.contiguous()
    grad_db = grad_db.contiguous() if grad_db is not None and with_db else None
    corners = 3 * rast[..., 0].numel()
    owner, parts = pos.new_empty(corners, dtype=torch.int64), pos.new_empty((corners, 3))
    job = RasterizeGradJob(
        image=Image(*rast.shape[:3]),
        pos=pointer(pos),
        pos_stride=_stride(pos),
        vertices=pos.shape[1],
        tri=pointer(tri),
        triangles=len(tri),
        rast=pointer(rast),
        grad_rast=pointer(grad_rast),
        grad_db=pointer(grad_db),
        owner=pointer(owner),
        parts=pointer(parts),
    )
    launch(["rasterize_grad_pixels"], job, pos, grid)
    return summed_by_vertex(owner, parts, pos, grid), None, None, None, None, None


def jvp(tensors: tuple[Tensor, ...], with_db: bool, pos_tangent: Tensor | None, *_: None) -> tuple[Tensor, Tensor]:
    """The derivatives of `rast` and `rast_db` along the vertices' tangent."""
    pos, tri, rast = (x.detach() for x in tensors)
    if pos_tangent is None:
        return torch.zeros_like(rast), torch.zeros_like(rast if with_db else rast[..., :0])
    tangent = pos_tangent.detach().contiguous()
    rast_tangent, db_tangent = torch.empty_like(rast), torch.empty_like(rast if with_db else rast[..., :0])
    job = RasterizeTangentJob(
        image=Image(*rast.shape[:3]),
        pos=pointer(pos),
        pos_stride=_stride(pos),
        tri=pointer(tri),
        triangles=len(tri),
        rast=pointer(rast),
        pos_tangent=pointer(tangent),
        rast_tangent=pointer(rast_tangent),
        db_tangent=pointer(db_tangent) if with_db else None,
    )
    launch(["rasterize_tangent"], job, pos)
    return rast_tangent, db_tangent


def _stride(pos: Tensor) -> int:
    """Numbers from one image's vertices to the next image's; 0 if all share them."""
    return 0 if len(pos) == 1 else pos.shape[1] * pos.shape[2]


def _forward(*inputs: Any) -> tuple[Tensor, Tensor]:
    """`forward` on the default grid, which is none of the op's inputs."""
    return forward(*inputs)


_rasterize = differentiable("RasterizeNative", _forward, keep=cpu.keep, backward=backward, jvp=native(jvp))
