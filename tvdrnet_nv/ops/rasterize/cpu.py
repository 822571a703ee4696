"""rasterize on the CPU."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.arguments import wrong_ids
from tvdrnet_nv.ops.contexts import RasterizeCudaContext
from tvdrnet_nv.ops.function import Saved, differentiable, native
from tvdrnet_nv.ops.rasterize import Scene


def rasterize(
    glctx: RasterizeCudaContext, scene: Scene, grad_db: bool, front: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The nearest surface, or with `front`, the `rast` of a layer, the nearest behind it."""
    instanced = scene.pos if scene.ranges is None else scene.pos[None]
    rast, rast_db = _rasterize(instanced, scene.tri, scene.ranges, front, scene.resolution, glctx.output_db)
    return rast, rast_db if grad_db else rast_db.detach()


def check_ids(rast: Tensor, triangles: int) -> None:
    """Every id of `rast` must name a triangle. For an op's forward pass, where the tensors of `torch.func`'s transforms
    come unwrapped.

    Raises:
        ValueError: one does not.
    """
    if not _cpu.rast_ids_in_range(rast.detach(), triangles):
        raise wrong_ids(triangles)


def forward(
    pos: Tensor, tri: Tensor, ranges: Tensor | None, front: Tensor | None, resolution: tuple[int, int], with_db: bool
) -> tuple[Tensor, Tensor]:
    """`rast` and `rast_db` for pos [B or 1, V, 4]."""
    batch = pos.shape[0] if ranges is None else ranges.shape[0]
    rast = pos.new_empty((batch, *resolution, 4))
    rast_db = pos.new_empty((batch, *resolution, 4 if with_db else 0))
    front = None if front is None else front.detach()
    _cpu.rasterize(pos.detach(), tri, ranges, front, rast, rast_db if with_db else None, torch.get_num_threads())
    return rast, rast_db


def keep(inputs: tuple[Any, ...], outputs: tuple[Tensor, Tensor]) -> Saved:
    """What the derivatives need: the vertices, the triangles, which of them each pixel shows."""
    pos, tri, *_, with_db = inputs
    return (pos, tri, outputs[0]), with_db


def backward(
    tensors: tuple[Tensor, ...], with_db: bool, _needs: object, grad_rast: Tensor | None, grad_db: Tensor | None
) -> tuple[Tensor | None, ...]:
    """The vertices' gradient."""
    pos, tri, rast = tensors
    grad_rast = torch.zeros_like(rast) if grad_rast is None else grad_rast.contiguous()
    grad_db = grad_db.contiguous() if grad_db is not None and with_db else None
    pos_grad = torch.zeros_like(pos)
    _cpu.rasterize_backward(pos.detach(), tri, rast, grad_rast, grad_db, pos_grad, torch.get_num_threads())
    return pos_grad, None, None, None, None, None


def jvp(tensors: tuple[Tensor, ...], with_db: bool, pos_tangent: Tensor | None, *_: None) -> tuple[Tensor, Tensor]:
    """The derivatives of `rast` and `rast_db` along the vertices' tangent."""
    pos, tri, rast = tensors
    pos, rast = pos.detach(), rast.detach()
    rast_tangent, db_tangent = torch.zeros_like(rast), torch.zeros_like(rast if with_db else rast[..., :0])
    if pos_tangent is not None:
        db, tangent = db_tangent if with_db else None, pos_tangent.detach().contiguous()
        _cpu.rasterize_jvp(pos, tri, rast, tangent, rast_tangent, db, torch.get_num_threads())
    return rast_tangent, db_tangent


_rasterize = differentiable("Rasterize", forward, keep=keep, backward=backward, jvp=native(jvp))
