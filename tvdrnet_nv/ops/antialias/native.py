"""antialias by our CUDA kernels."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.ops.antialias import cpu
from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.ops.function import contiguous, differentiable, native
from tvdrnet_nv.ops.native import Grid, check_float32, launch, summed_by_vertex
from tvdrnet_nv.ops.native.jobs import AntialiasGradJob, AntialiasJob, AntialiasTangentJob, Image, pointer
from tvdrnet_nv.ops.rasterize.cpu import check_ids


def topology(tri: Tensor) -> cpu.Topology:
    """The edges of tri int32 [F, 3], found on the CPU: of these only the rings are needed where `tri` is."""
    return cpu.topology(tri.cpu()).with_rings_on(tri.device)


def antialias(
    color: Tensor, rast: Tensor, pos: Tensor, tri: Tensor, topology: cpu.Topology, boost: float, walk: int
) -> Tensor:
    """The antialiased image."""
    check_float32("color", color)
    instanced = pos if pos.dim() == 3 else pos[None]
    (out,) = _antialias(color, rast.detach(), instanced, tri, *topology, boost, walk)
    return out


def forward(
    color: Tensor,
    rast: Tensor,
    pos: Tensor,
    tri: Tensor,
    rings: Tensor,
    _edges: Tensor,
    _boost: float,
    walk: int,
    grid: Grid | None = None,
) -> tuple[Tensor, Tensor]:
    """The image and the crossings, int64 [2 B H W, 3].

    The crossings are the CPU's records, of that to the right of each pixel and of that above it; see `compact`.
    """
    color, rast, pos = color.detach(), rast.detach(), pos.detach()
    if backend_of(rast).checks_indices:
        check_ids(rast, tri.shape[0])
    out = torch.empty_like(color)
    crossings = rast.new_empty((2 * rast[..., 0].numel(), 3), dtype=torch.int64)
    job = AntialiasJob(
        image=Image(*rast.shape[:3]),
        channels=color.shape[3],
        pos=pointer(pos),
        pos_stride=_stride(pos),
        tri=pointer(tri),
        triangles=len(tri),
        edge_rings=pointer(rings),
        walk=min(walk, max(len(tri), 1)),  # no walk along a line crosses more
        rast=pointer(rast),
        color=pointer(color),
        out=pointer(out),
        crossings=pointer(crossings),
    )
    launch(["antialias_find", "antialias_blend"], job, rast, grid)
    return out, crossings


def compact(crossings: Tensor) -> Tensor:
    """Those that there are, in the CPU's order: the others have a face of -1."""
    return crossings[crossings.view(torch.int32)[:, 3] >= 0]


def backward(
    tensors: tuple[Any, ...], boost: float, needs: tuple[bool, ...], grad_out: Tensor, grid: Grid | None = None
) -> tuple[Tensor | None, ...]:
    """The gradients of the colours and the vertices."""
    color, _rast, pos, tri, _rings, _edges, crossings = (x.detach() for x in tensors)
    grad_out, color_grad = grad_out.contiguous(), torch.empty_like(color)
    ends = pos.new_empty((2 * len(crossings), 3))
    owner = crossings.new_empty(2 * len(crossings))
    job = AntialiasGradJob(
        image=Image(*color.shape[:3]),
        channels=color.shape[3],
        pos=pointer(pos),
        pos_stride=_stride(pos),
        vertices=pos.shape[1],
        tri=pointer(tri),
        color=pointer(color),
        grad_out=pointer(grad_out),
        crossings=pointer(crossings),
        boost=boost,
        color_grad=pointer(color_grad),
        owner=pointer(owner),
        ends=pointer(ends),
    )
    launch(["antialias_grad_pixels"], job, pos, grid)
    pos_grad = summed_by_vertex(owner, ends, pos, grid) if needs[2] else None
    return color_grad if needs[0] else None, None, pos_grad, None, None, None, None, None


def jvp(
    tensors: tuple[Any, ...],
    _boost: float,
    color_tangent: Tensor | None,
    _rast: None,
    pos_tangent: Tensor | None,
    *_: None,
) -> tuple[Tensor]:
    """The derivative of the image along the tangents of the colours and the vertices."""
    color, _rast, pos, tri, _rings, _edges, crossings = (x.detach() for x in tensors)
    color_tangent, pos_tangent, out = contiguous(color_tangent), contiguous(pos_tangent), torch.empty_like(color)
    job = AntialiasTangentJob(
        image=Image(*color.shape[:3]),
        channels=color.shape[3],
        pos=pointer(pos),
        pos_stride=_stride(pos),
        tri=pointer(tri),
        color=pointer(color),
        crossings=pointer(crossings),
        color_tangent=pointer(color_tangent),
        pos_tangent=pointer(pos_tangent),
        out=pointer(out),
    )
    launch(["antialias_tangent"], job, pos)
    return (out,)


def _stride(pos: Tensor) -> int:
    """Numbers from one image's vertices to the next image's; 0 if all share them."""
    return 0 if len(pos) == 1 else pos.shape[1] * pos.shape[2]


def _forward(*inputs: Any) -> tuple[Tensor, Tensor]:
    """`forward` on the default grid, which is none of the op's inputs."""
    return forward(*inputs)


_antialias = differentiable(
    "AntialiasNative", _forward, keep=cpu.keep, backward=backward, jvp=native(jvp), saved_outputs=1
)
