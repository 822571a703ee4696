"""An order of a mesh in memory in which what is close in space is close: fewer waits for it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_BITS = 16  # along each axis of the grid whose cells the curve runs through


@dataclass(frozen=True)
class MemoryOrder:
    """Faces along a Morton curve, and vertices in the order in which these use them.

    Attributes:
        vertices: int64 [V], which vertex comes first, second, and so on.
        places: int64 [V], where each vertex comes.
        faces: int64 [F], which face comes first, second, and so on.
    """

    vertices: Tensor
    places: Tensor
    faces: Tensor

    @classmethod
    def of(cls, vertices: Tensor, tri: Tensor) -> MemoryOrder:
        """The order of a mesh: vertices [V, 3], tri int32 [F, 3]. Equal meshes have equal orders."""
        corners = tri.long()
        faces = _morton_codes(vertices, corners).argsort(stable=True)
        uses = corners[faces].flatten()
        first = torch.full((len(vertices),), len(uses), dtype=torch.int64)
        first.scatter_reduce_(0, uses, torch.arange(len(uses)), "amin")
        order = first.argsort(stable=True)
        return cls(order, _inverse(order), faces)

    def renumbered(self, tri: Tensor) -> Tensor:
        """The faces int32 [F, 3] in their order, of the vertices in their new places."""
        return self.places.int()[tri.long()][self.faces].contiguous()

    def reordered_rings(self, rings: Tensor) -> Tensor:
        """Which half-edge follows each around its edge, int32 [F, 3], see topology.hpp; rings run as they did."""
        place = _inverse(self.faces)
        half_edges = rings.long()
        moved = torch.where(half_edges < 0, half_edges, 3 * place[half_edges.clamp(min=0) // 3] + half_edges % 3)
        return moved[self.faces].int().contiguous()

    def reordered_edges(self, edges: Tensor) -> Tensor:
        """The kernels' edge records, int32 [E, 4]: two vertices and two faces, see topology.hpp."""
        place = _inverse(self.faces).int()
        ends = self.places.int()[edges[:, :2].long()]
        face, other = edges[:, 2].long(), edges[:, 3].long()
        moved = place[torch.where(face < 0, -1 - face, face)]
        turned = torch.where(face < 0, -1 - moved, moved)
        across = torch.where(other < 0, -1, place[other.clamp(min=0)])
        records = torch.cat([ends, turned[:, None], across[:, None].int()], 1)
        return records[moved.argsort(stable=True)].contiguous()


def _morton_codes(vertices: Tensor, corners: Tensor) -> Tensor:
    """int64 [F]: the faces' centres on a curve that fills space."""
    centers = vertices[corners].double().mean(1)
    if len(centers) == 0:
        return corners.new_empty(0)
    centers = centers.nan_to_num(0.0, 0.0, 0.0)
    low, high = centers.aminmax(dim=0)
    size = float((high - low).max()) or 1.0
    cells = ((centers - low) / size * (2**_BITS - 1)).clamp(0, 2**_BITS - 1).long()
    for shift, mask in ((16, 0x0000FF0000FF), (8, 0x00F00F00F00F), (4, 0x0C30C30C30C3), (2, 0x249249249249)):
        cells = (cells | cells << shift) & mask
    return cells[:, 0] | cells[:, 1] << 1 | cells[:, 2] << 2


def _inverse(order: Tensor) -> Tensor:
    places = torch.empty_like(order)
    places[order] = torch.arange(len(order))
    return places
