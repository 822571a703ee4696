"""Faces cut off at a depth."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Corners:
    """Triangles on the screen.

    Attributes:
        triangles: [F, 3, 3], x and y in NDC, z in view space.
        parents: [F] int64, the face of which each is all or a part.
        barycentrics: [F, 3, 3], of each corner in the whole face; None where all are whole.
    """

    triangles: Tensor
    parents: Tensor
    barycentrics: Tensor | None = None


def cut_off(triangles: Tensor, z_clip: float | None, perspective: bool) -> Corners:
    """The parts of triangles that are at `z_clip` or farther, as one or two triangles each (Sutherland and Hodgman,
    "Reentrant Polygon Clipping", 1974).

    Args:
        triangles: [F, 3, 3], x and y in NDC, z in view space.
        z_clip: the depth, or None for no cut.
        perspective: whether x and y are linear on the screen only.
    """
    parents = torch.arange(len(triangles), device=triangles.device)
    behind = None if z_clip is None else triangles[..., 2].detach() < z_clip
    if z_clip is None or behind is None or not bool(behind.any()):
        return Corners(triangles, parents)
    count = behind.sum(1)
    whole = (count == 0).nonzero()[:, 0]
    unit = torch.eye(3, dtype=triangles.dtype, device=triangles.device)
    out = [(triangles[whole], parents[whole], unit.expand(len(whole), 3, 3))]
    for hidden in (1, 2):
        cut = (count == hidden).nonzero()[:, 0]
        # The corner that is alone on its side comes first.
        alone = (behind[cut] == (hidden == 1)).int().argmax(1)
        order = (alone[:, None] + torch.arange(3, device=cut.device)) % 3
        corners = torch.gather(triangles[cut], 1, order[:, :, None].expand(-1, -1, 3))
        own = unit[order]
        first, second = (_on_plane(corners, own, other, z_clip, perspective) for other in (1, 2))
        a, b, c = zip(corners.unbind(1), own.unbind(1), strict=True)
        parts = [(first, second, a)] if hidden == 2 else [(first, b, second), (second, b, c)]  # as PyTorch3D's
        for part in parts:
            out.append((torch.stack([p[0] for p in part], 1), parents[cut], torch.stack([p[1] for p in part], 1)))
    joined = [torch.cat(values) for values in zip(*out, strict=True)]
    order = joined[1].argsort(stable=True)  # where depths are equal, the first face is in front
    return Corners(*(values[order] for values in joined))


def _on_plane(
    corners: Tensor, barycentrics: Tensor, other: int, z_clip: float, perspective: bool
) -> tuple[Tensor, Tensor]:
    """Where the edge from corner 0 to `other` meets the plane, and its barycentrics."""
    a, b = corners[:, 0], corners[:, other]
    t = ((z_clip - a[:, 2]) / (b[:, 2] - a[:, 2]))[:, None]
    if perspective:
        xy = ((1 - t) * a[:, :2] * a[:, 2:] + t * b[:, :2] * b[:, 2:]) / z_clip
    else:
        xy = (1 - t) * a[:, :2] + t * b[:, :2]
    point = torch.cat([xy, torch.full_like(t, z_clip)], dim=1)
    return point, (1 - t) * barycentrics[:, 0] + t * barycentrics[:, other]
