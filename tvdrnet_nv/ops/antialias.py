"""antialias: silhouettes blended where they cross between pixel centres, which gives visibility a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.arguments import (
    FLOATS,
    INT32,
    check_dtype,
    check_faces,
    check_ids,
    check_rast,
    check_tensor,
    describe,
)
from tvdrnet_nv.ops.function import OpFunction


class TopologyHash:
    """Which triangles share an edge: made by `antialias_construct_topology_hash`, opaque to callers."""

    def __init__(self, triangles: int, native: Any, edges: Any = None) -> None:
        self._triangles = triangles
        self._native = native
        self.edges = edges  # int32 [E, 4], the CPU kernels' records

    def native_for(self, tri: Tensor) -> Any:
        """What the backend of `tri`'s device needs."""
        if self._triangles != tri.shape[0]:
            raise ValueError(
                f"topology_hash was built for {self._triangles} triangles, but tri has {tri.shape[0]}; build it anew"
            )
        return self._native


def antialias_construct_topology_hash(tri: Tensor) -> TopologyHash:
    """Build what `antialias` needs to know about shared edges, for use in many calls with the same `tri`.

    Args:
        tri: int32 [F, 3].
    """
    tri = check_tensor("tri", tri, ("F", 3), dtypes=INT32)
    if tri.device.type == "cuda":
        from tvdrnet_nv.ops.nvdiffrast import load

        return TopologyHash(tri.shape[0], load().antialias_construct_topology_hash(tri))
    low, high = _cpu.index_range(tri)
    if low < 0:
        raise ValueError(f"tri holds the negative vertex index {low}")
    # NumPy's memory: within `torch.func`'s transforms, tensors that torch makes have none that a kernel could write.
    edge_rings = np.empty(tri.shape, dtype=np.int32)
    _cpu.edge_rings(tri, high + 1, edge_rings)  # type: ignore[arg-type]
    edges = _cpu.edges(tri, edge_rings)  # type: ignore[arg-type]
    return TopologyHash(tri.shape[0], torch.from_numpy(edge_rings), torch.from_numpy(edges))


def antialias(
    color: Tensor,
    rast: Tensor,
    pos: Tensor,
    tri: Tensor,
    topology_hash: TopologyHash | None = None,
    pos_gradient_boost: float = 1.0,
    *,
    walk: int = 1,
) -> Tensor:
    """Antialias silhouette edges, as `nvdiffrast.torch.antialias` does (Laine et al. 2020, section 3.6).

    Args:
        color: [B, H, W, C], the image to antialias. The dtype of `rast`.
        rast: [B, H, W, 4] from `rasterize`.
        pos: the clip-space vertices that `rast` was made with: [B, V, 4], or [V, 4] for all images.
        tri: int32 [F, 3], the one that `rast` was made with.
        topology_hash: from `antialias_construct_topology_hash(tri)`; `None` builds it for this call.
        pos_gradient_boost: scales the gradient of `pos`.
        walk: how many triangles to cross, from a pixel's centre towards the next one's, in search of the silhouette. 1
            is nvdiffrast's rule: the silhouette counts only if it is an edge of the triangle at the centre, and those
            of triangles smaller than a pixel are mostly missed. More than 1 on the CPU only.

    Returns:
        [B, H, W, C]. Where a silhouette edge passes between the centres of two adjacent pixels, the pixel whose part is
        covered by the other's surface takes that part of its colour. Row 0 at the bottom, as in `rast`.

    Gradients flow into `color`, and through the edges' positions into x, y, w of `pos`. On the CPU the results do not
    depend on the number of threads, and `torch.func.jvp` works. An edge that more than two triangles share is a
    silhouette when all of them lie on one side of it.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, device or index.
    """
    color = check_tensor("color", color, ("B", "H", "W", "C"), dtypes=FLOATS)
    pos = check_tensor("pos", pos, ("B", "V", 4), ("V", 4), dtypes=FLOATS, device=color.device)
    check_dtype("pos", pos, "color", color.dtype)
    tri = check_faces(tri, pos.shape[-2], color.device)
    rast = check_rast(rast, color.dtype, color.device)
    if rast.shape[:3] != color.shape[:3]:
        raise ValueError(
            f"color must have the batch and the resolution of rast {list(rast.shape[:3])}; got {describe(color)}"
        )
    if pos.dim() == 3 and pos.shape[0] not in (1, rast.shape[0]):
        raise ValueError(
            f"pos must have one set of vertices, or one for each of the {rast.shape[0]} images of rast; "
            f"got {describe(pos)}"
        )
    if topology_hash is None:
        topology_hash = antialias_construct_topology_hash(tri)
    elif not isinstance(topology_hash, TopologyHash):
        raise TypeError(
            f"topology_hash must come from antialias_construct_topology_hash; got {describe(topology_hash)}"
        )
    if not isinstance(walk, int) or walk < 1:
        raise ValueError(f"walk must be a whole number, 1 or more; got {describe(walk)}")
    native = topology_hash.native_for(tri)
    if color.device.type == "cuda":
        from tvdrnet_nv.ops.nvdiffrast import load

        if walk > 1:
            raise ValueError(f"walk must be 1 on CUDA, where nvdiffrast antialiases; got {walk}")
        return load().antialias(
            color, rast, pos, tri, topology_hash=native, pos_gradient_boost=float(pos_gradient_boost)
        )
    instanced = pos if pos.dim() == 3 else pos[None]
    out, _ = _Antialias.apply(
        color, rast.detach(), instanced, tri, native, topology_hash.edges, float(pos_gradient_boost), walk
    )  # type: ignore[misc]
    return out


class _Antialias(OpFunction):
    """The CPU kernels: pos [B or 1, V, 4]. Also returns the crossings, int64 [N, 3], opaque records of the kernels."""

    @staticmethod
    def forward(  # type: ignore[override]
        color: Tensor,
        rast: Tensor,
        pos: Tensor,
        tri: Tensor,
        edge_rings: Tensor,
        edges: Tensor,
        boost: float,
        walk: int,
    ) -> tuple[Tensor, Tensor]:
        color, rast, pos = color.detach(), rast.detach(), pos.detach()
        check_ids(rast, tri.shape[0])
        threads = torch.get_num_threads()
        # A bound that fits the kernels' integers: no walk along a line crosses more triangles than there are.
        bounded = min(walk, max(tri.shape[0], 1))
        crossings = _cpu.find_crossings(color, rast, pos, tri, edge_rings, edges, bounded, threads)
        out = torch.empty_like(color)
        _cpu.antialias(color, rast, pos, tri, edge_rings, edges, crossings, out, threads)
        return out, crossings

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        color, rast, pos, tri, edge_rings, edges, boost, _ = inputs
        crossings = output[1]
        ctx.mark_non_differentiable(crossings)
        ctx.save_for_backward(color, rast, pos, tri, edge_rings, edges, crossings)
        ctx.save_for_forward(color, rast, pos, tri, edge_rings, edges, crossings)
        ctx.boost = boost
        ctx.set_materialize_grads(False)

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_out: Tensor | None, _crossings: None):  # type: ignore[override]
        if grad_out is None:
            return None, None, None, None, None, None, None, None
        color, rast, pos, tri, edge_rings, edges, crossings = ctx.saved_tensors
        color_grad = torch.empty_like(color) if ctx.needs_input_grad[0] else None
        pos_grad = torch.zeros_like(pos) if ctx.needs_input_grad[2] else None
        _cpu.antialias_backward(
            color.detach(),
            rast,
            pos.detach(),
            tri,
            edge_rings,
            edges,
            crossings,
            grad_out.contiguous(),
            ctx.boost,
            color_grad,
            pos_grad,
            torch.get_num_threads(),
        )
        return color_grad, None, pos_grad, None, None, None, None, None

    @staticmethod
    def jvp(ctx, color_tangent, _rast, pos_tangent, *_):  # type: ignore[override]
        out_tangent = _AntialiasTangent.apply(*ctx.saved_tensors, color_tangent, pos_tangent)
        return out_tangent, None


class _AntialiasTangent(OpFunction):
    """What `_Antialias.jvp` calls: a function of its own, since the tensors of `torch.func.jvp` have no memory that a
    kernel could read, and only a function's `forward` gets them unwrapped."""

    @staticmethod
    def forward(  # type: ignore[override]
        color: Tensor,
        rast: Tensor,
        pos: Tensor,
        tri: Tensor,
        edge_rings: Tensor,
        edges: Tensor,
        crossings: Tensor,
        color_tangent: Tensor | None,
        pos_tangent: Tensor | None,
    ) -> Tensor:
        out_tangent = torch.empty_like(color)
        _cpu.antialias_jvp(
            color.detach(),
            rast.detach(),
            pos.detach(),
            tri,
            edge_rings,
            edges,
            crossings,
            None if color_tangent is None else color_tangent.detach().contiguous(),
            None if pos_tangent is None else pos_tangent.detach().contiguous(),
            out_tangent,
            torch.get_num_threads(),
        )
        return out_tangent

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:  # type: ignore[override]
        """Nothing to keep: there are no second derivatives."""
