"""An order of a mesh in memory in which what is close in space is close: fewer waits for it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tvdrnet_nv.kernels import _cpu


@dataclass(frozen=True)
class MemoryOrder:
    """Faces along a Morton curve, and vertices in the order in which these use them.

    Attributes:
        vertices: int32 [V], which vertex comes first, second, and so on.
        places: int32 [V], where each vertex comes.
        faces: int32 [F], which face comes first, second, and so on.
    """

    vertices: Tensor
    places: Tensor
    faces: Tensor

    @classmethod
    def of(cls, vertices: Tensor, tri: Tensor) -> MemoryOrder:
        """The order of a mesh: vertices [V, 4], homogeneous; tri int32 [F, 3]. Equal meshes have equal orders."""
        faces, (order, places) = tri.new_empty(len(tri)), tri.new_empty((2, len(vertices)))
        _cpu.memory_order(vertices.contiguous(), tri.contiguous(), faces, order, places)
        return cls(order, places, faces)

    def renumbered(self, tri: Tensor) -> Tensor:
        """The faces int32 [F, 3] in their order, of the vertices in their new places."""
        out = torch.empty_like(tri, memory_format=torch.contiguous_format)
        _cpu.renumber(tri.contiguous(), self.faces, self.places, out)
        return out

    def reordered_rings(self, rings: Tensor) -> Tensor:
        """Which half-edge follows each around its edge, int32 [F, 3], see topology.hpp; rings run as they did."""
        out = torch.empty_like(rings)
        _cpu.reorder_rings(rings, self.faces, out)
        return out

    def reordered_edges(self, edges: Tensor) -> Tensor:
        """The kernels' edge records, int32 [E, 4]: two vertices and two faces, see topology.hpp."""
        place = _inverse(self.faces)
        ends = self.places[edges[:, :2]]
        face, other = edges[:, 2], edges[:, 3]
        moved = place[torch.where(face < 0, -1 - face, face)]
        turned = torch.where(face < 0, -1 - moved, moved)
        across = torch.where(other < 0, -1, place[other.clamp(min=0)])
        records = torch.cat([ends, turned[:, None], across[:, None]], 1)
        return records[moved.argsort(stable=True)].contiguous()


def _inverse(order: Tensor) -> Tensor:
    places = torch.empty_like(order)
    places[order] = torch.arange(len(order), dtype=order.dtype)
    return places
