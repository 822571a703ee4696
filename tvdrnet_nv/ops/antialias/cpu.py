"""antialias on the CPU."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu
from tvdrnet_nv.ops.function import Saved, contiguous, differentiable, native
from tvdrnet_nv.ops.rasterize.cpu import check_ids


class Topology:
    """Which triangles share an edge, as the kernels read it; see topology.hpp.

    Attributes:
        rings: int32 [F, 3], which half-edge follows each around its edge.
    """

    def __init__(self, tri: Tensor, indices: tuple[int, int]) -> None:
        """tri int32 [F, 3], whose least and greatest index, 0 or more, are `indices`."""
        self._tri, self._indices = tri, indices
        # NumPy's memory: within `torch.func`'s transforms, tensors that torch makes have none for a kernel to write.
        self._rings: Any = np.empty(tri.shape, dtype=np.int32)
        _cpu.edge_rings(tri, indices[1] + 1, self._rings)
        self.rings = torch.from_numpy(self._rings)

    @cached_property
    def edges(self) -> Tensor:
        """int32 [E, 4]: two vertices and two faces. Found when they are first asked for.

        Raises:
            ValueError: the triangles are others now.
        """
        if _cpu.index_range(self._tri) != self._indices:
            raise ValueError("tri was changed after its topology_hash was built; build it anew")
        edges: Any = _cpu.edges(self._tri, self._rings)
        return torch.from_numpy(edges)

    def with_rings_on(self, device: torch.device) -> Topology:
        """The same with the rings on another device. The edges stay on the CPU."""
        moved = copy(self)
        moved.rings = self.rings.to(device)
        return moved

    def __iter__(self) -> Iterator[Tensor]:
        """`rings` and `edges`."""
        yield self.rings
        yield self.edges


def topology(tri: Tensor) -> Topology:
    """The edges of tri int32 [F, 3].

    Raises:
        ValueError: a negative index.
    """
    low, high = _cpu.index_range(tri)
    if low < 0:
        raise ValueError(f"tri holds the negative vertex index {low}")
    return Topology(tri, (low, high))


def antialias(
    color: Tensor, rast: Tensor, pos: Tensor, tri: Tensor, topology: Topology, boost: float, walk: int
) -> Tensor:
    """The antialiased image."""
    instanced = pos if pos.dim() == 3 else pos[None]
    (out,) = _antialias(color, rast.detach(), instanced, tri, *topology, boost, walk)
    return out


def forward(
    color: Tensor, rast: Tensor, pos: Tensor, tri: Tensor, rings: Tensor, edges: Tensor, _boost: float, walk: int
) -> tuple[Tensor, Tensor]:
    """The image, for pos [B or 1, V, 4], and the crossings, int64 [N, 3], opaque records of the kernels."""
    color, rast, pos = color.detach(), rast.detach(), pos.detach()
    check_ids(rast, tri.shape[0])
    threads = torch.get_num_threads()
    # A bound that fits the kernels' integers: no walk along a line crosses more triangles than there are.
    bounded = min(walk, max(tri.shape[0], 1))
    crossings = _cpu.find_crossings(color, rast, pos, tri, rings, edges, bounded, threads)
    out = torch.empty_like(color)
    _cpu.antialias(color, rast, pos, tri, rings, edges, crossings, out, threads)
    return out, crossings


def keep(inputs: tuple[Any, ...], outputs: tuple[Tensor, Tensor]) -> Saved:
    """What the derivatives need: the arguments and the crossings."""
    *tensors, boost, _ = inputs
    return (*tensors, outputs[1]), boost


def backward(
    tensors: tuple[Any, ...], boost: float, needs: tuple[bool, ...], grad_out: Tensor
) -> tuple[Tensor | None, ...]:
    """The gradients of the colours and the vertices."""
    color, rast, pos, tri, rings, edges, crossings = tensors
    color_grad = torch.empty_like(color) if needs[0] else None
    pos_grad = torch.zeros_like(pos) if needs[2] else None
    _cpu.antialias_backward(
        color.detach(),
        rast,
        pos.detach(),
        tri,
        rings,
        edges,
        crossings,
        grad_out.contiguous(),
        boost,
        color_grad,
        pos_grad,
        torch.get_num_threads(),
    )
    return color_grad, None, pos_grad, None, None, None, None, None


def jvp(
    tensors: tuple[Any, ...],
    _boost: float,
    color_tangent: Tensor | None,
    _rast: None,
    pos_tangent: Tensor | None,
    *_: None,
) -> tuple[Tensor]:
    """The derivative of the image along the tangents of the colours and the vertices."""
    color, rast, pos, tri, rings, edges, crossings = tensors
    out_tangent = torch.empty_like(color)
    _cpu.antialias_jvp(
        color.detach(),
        rast.detach(),
        pos.detach(),
        tri,
        rings,
        edges,
        crossings,
        contiguous(color_tangent),
        contiguous(pos_tangent),
        out_tangent,
        torch.get_num_threads(),
    )
    return (out_tangent,)


_antialias = differentiable("Antialias", forward, keep=keep, backward=backward, jvp=native(jvp), saved_outputs=1)
