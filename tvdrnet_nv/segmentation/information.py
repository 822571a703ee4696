"""What is worth seeing next: unseen and uncertain surface, the nearer to what is meant the more."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tvdrnet_nv.mesh import Mesh, cross_products
from tvdrnet_nv.segmentation.pieces import pieces

_REACH = 0.1  # of the part's radius: beside the part, surface e times less likely belongs to it
_EDGES = 3.0  # mean edges, the least reach
_SAMPLE = 1024  # faces of the part that distances are measured to
_ROWS = 16384  # faces at a time
_PIECES, _SMALL = 8, 0.02  # pieces at most, and the least of the largest one's area
_PIXELS = 40  # that a piece's radius should have in the picture
_STRAY = 0.005  # share of the part's surface that its box leaves out at each side


@dataclass(frozen=True)
class Part:
    """Where the part is, as far as that is known; M pieces that do not touch, the largest first.

    Attributes:
        closeness: [F] in [0, 1]: 1 on the part, and less with the distance to it.
        detail: [F], how large a pixel may be on each face to show its piece well, scene units.
        boxes: [M, 2, 3], the lowest and highest corners of the pieces, world frame.
        area: of all, square scene units.
    """

    closeness: Tensor
    detail: Tensor
    boxes: Tensor
    area: float

    @property
    def box(self) -> Tensor:
        """[2, 3], about all pieces."""
        return torch.stack([self.boxes[:, 0].amin(0), self.boxes[:, 1].amax(0)])


class Surroundings:
    """Finds what is close to parts of a mesh.

    Attributes:
        areas: [F], of the faces, square scene units.
    """

    def __init__(self, mesh: Mesh) -> None:
        corners = mesh.vertices.detach()[mesh.faces.long()]
        self._mesh, self._faces = mesh, mesh.faces.long()
        self._centers = corners.mean(1)
        self.areas = cross_products(corners).norm(dim=1) / 2
        self._edge = float((corners[:, 0] - corners[:, 1]).norm(dim=1).mean())

    def of(self, marked: Tensor) -> Part | None:
        """The part of marked vertices, bool [V]; None where they have no surface.

        A face is the part's where two of its vertices are.
        """
        inside = marked[self._faces].sum(1) >= 2
        rows = inside.nonzero()[:, 0]
        total = float(self.areas[rows].sum())
        if not total > 0:
            return None
        closeness = torch.zeros_like(self.areas)
        detail = torch.ones_like(self.areas)
        boxes = []
        for piece in pieces(self._mesh, rows, least=_SMALL)[:_PIECES]:
            box, near, values, fine = self._around(piece, inside)
            nearer = values > closeness[near]
            closeness[near[nearer]] = values[nearer]
            detail[near[nearer]] = fine
            boxes.append(box)
        closeness[rows] = 1.0
        return Part(closeness, detail, torch.stack(boxes), total)

    def _around(self, piece: Tensor, inside: Tensor) -> tuple[Tensor, Tensor, Tensor, float]:
        """A piece's box [2, 3], the faces near it and on it, int64 [N], their closeness [N], and its detail."""
        mine = self._centers[piece]
        low, high = _box(mine, self.areas[piece])
        radius = float((high - low).norm()) / 2
        reach = max(_REACH * radius, _EDGES * self._edge, 1e-12)
        # Beyond six reaches, the closeness is below 0.3 %.
        beside = ((self._centers > low - 6 * reach) & (self._centers < high + 6 * reach)).all(1) & ~inside
        near = beside.nonzero()[:, 0]
        sample = mine[torch.linspace(0, len(mine) - 1, min(len(mine), _SAMPLE), device=mine.device).long()]
        distances = [torch.cdist(self._centers[some], sample).amin(1) for some in near.split(_ROWS)]
        values = torch.exp(-torch.cat(distances) / reach) if distances else mine.new_zeros(0)
        detail = max(radius / _PIXELS, 1e-12)
        return (
            torch.stack([low, high]),
            torch.cat([piece, near]),
            torch.cat([mine.new_ones(len(piece)), values]),
            detail,
        )


def information(probability: Tensor, seen_area: Tensor, faces: Tensor, part: Part | None) -> Tensor:
    """[F]: the information of each face, per area: closeness times (unseen share + seen share times uncertainty).

    The uncertainty is 4 p (1 - p): 1 where the views disagree, 0 where it is sure what a face belongs to.

    Args:
        probability: [V], of a vertex to be meant; NaN where it was not seen.
        seen_area: [F] in [0, 1].
        faces: [F, 3].
        part: where what is meant is; None where nothing is known.
    """
    p = probability[faces.long()].nan_to_num(nan=0.5).mean(1)
    unseen = 1 - seen_area.to(p)
    found = unseen + (1 - unseen) * 4 * p * (1 - p)
    return found if part is None else found * part.closeness.to(p)


def _box(points: Tensor, areas: Tensor) -> tuple[Tensor, Tensor]:
    """Low and high [3] of points [N, 3], but for the outermost by their areas."""
    ends = []
    for axis in range(3):
        values, order = points[:, axis].sort()
        share = areas[order].cumsum(0) / areas.sum()
        inner = values[(share >= _STRAY) & (share <= 1 - _STRAY)]
        inner = inner if len(inner) else values
        ends.append(torch.stack([inner[0], inner[-1]]))
    low, high = torch.stack(ends, 1)
    return low, high
