"""interpolate by our CUDA kernels."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.ops.function import Saved, contiguous, differentiable, native
from tvdrnet_nv.ops.interpolate.tangent import tangent
from tvdrnet_nv.ops.native import check_float32, launch
from tvdrnet_nv.ops.native.jobs import Image, InterpolateJob, pointer
from tvdrnet_nv.ops.rasterize.cpu import check_ids


def interpolate(
    attr: Tensor, rast: Tensor, tri: Tensor, rast_db: Tensor | None, indices: list[int]
) -> tuple[Tensor, Tensor]:
    """`out` and `out_da`; `indices` are the attributes to differentiate along the screen."""
    check_float32("attr", attr)
    return _interpolate(attr if attr.dim() == 3 else attr[None], rast, tri, rast_db, indices)


def _job(
    attr: Tensor, rast: Tensor, tri: Tensor, rast_db: Tensor | None, indices: list[int]
) -> tuple[InterpolateJob, Tensor | None]:
    """The job's arguments, and a tensor that must live until its kernels are launched."""
    every = indices == list(range(attr.shape[2]))
    chosen = None if every or not indices else torch.tensor(indices, dtype=torch.int32, device=attr.device)
    job = InterpolateJob(
        image=Image(*rast.shape[:3]),
        attr=pointer(attr),
        attr_stride=0 if len(attr) == 1 else attr.shape[1] * attr.shape[2],
        vertices=attr.shape[1],
        channels=attr.shape[2],
        tri=pointer(tri),
        triangles=len(tri),
        rast=pointer(rast),
        rast_db=pointer(rast_db),
        diff_attrs=pointer(chosen),
        pairs=len(indices),
    )
    return job, chosen


def _apply(
    attr: Tensor, rast: Tensor, tri: Tensor, rast_db: Tensor | None, indices: list[int]
) -> tuple[Tensor, Tensor]:
    out = attr.new_empty((*rast.shape[:3], attr.shape[2]))
    out_da = attr.new_empty((*rast.shape[:3], 2 * len(indices)))
    job, _chosen = _job(attr, rast, tri, rast_db, indices)
    job.out, job.out_da = pointer(out), pointer(out_da)
    launch(["interpolate_pixels"], job, attr)
    return out, out_da


def _forward(
    attr: Tensor, rast: Tensor, tri: Tensor, rast_db: Tensor | None, indices: list[int]
) -> tuple[Tensor, Tensor]:
    """attr [B or 1, V, A]."""
    attr, rast = attr.detach(), rast.detach()
    if backend_of(rast).checks_indices:
        check_ids(rast, tri.shape[0])
    return _apply(attr, rast, tri, None if rast_db is None else rast_db.detach(), indices)


def _keep(inputs: tuple[Any, ...], _outputs: object) -> Saved:
    *tensors, indices = inputs
    return tensors, indices


def _detached(tensors: tuple[Any, ...]) -> list[Any]:
    return [None if x is None else x.detach() for x in tensors]


def _backward(
    tensors: tuple[Any, ...],
    indices: list[int],
    needs: tuple[bool, ...],
    grad_out: Tensor | None,
    grad_da: Tensor | None,
) -> tuple[Tensor | None, ...]:
    attr, rast, tri, rast_db = _detached(tensors)
    needs_attr, needs_rast, _, needs_db, _ = needs
    gradient = attr.new_zeros((*rast.shape[:3], attr.shape[2])) if grad_out is None else grad_out.contiguous()
    of_da = None if grad_da is None or not indices else grad_da.contiguous()
    rast_grad = torch.empty_like(rast) if needs_rast else None
    db_grad = torch.empty_like(rast_db) if needs_db and rast_db is not None else None
    job, _chosen = _job(attr, rast, tri, rast_db, indices)
    job.grad_out, job.grad_da = pointer(gradient), pointer(of_da)
    job.rast_grad, job.db_grad = pointer(rast_grad), pointer(db_grad)
    if rast_grad is not None or db_grad is not None:
        launch(["interpolate_grad_pixels"], job, attr)
    attr_grad = None
    if needs_attr:
        attr_grad = torch.zeros_like(attr)
        owner = attr.new_empty(3 * rast[..., 0].numel(), dtype=torch.int64)
        job.owner, job.attr_grad = pointer(owner), pointer(attr_grad)
        launch(["interpolate_owners"], job, attr)
        owner, place = owner.sort(stable=True)
        job.owner, job.place = pointer(owner), pointer(place)
        launch(["interpolate_attr_sums"], job, attr)
    return attr_grad, rast_grad, None, db_grad, None


def _jvp(
    tensors: tuple[Any, ...],
    indices: list[int],
    attr_tangent: Tensor | None,
    rast_tangent: Tensor | None,
    _tri: None,
    db_tangent: Tensor | None,
    _indices: None,
) -> tuple[Tensor, Tensor]:
    attr, rast, tri, rast_db = _detached(tensors)
    attr_tangent, rast_tangent, db_tangent = map(contiguous, (attr_tangent, rast_tangent, db_tangent))
    return tangent(_apply, (attr, rast, tri, rast_db), indices, attr_tangent, rast_tangent, db_tangent)


_interpolate = differentiable("InterpolateNative", _forward, keep=_keep, backward=_backward, jvp=native(_jvp))
