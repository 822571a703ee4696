"""antialias as a loop over the pairs of adjacent pixels."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

SLACK = 1 / 16


def neighbours(tri: Tensor) -> dict[tuple[int, int, int], list[int]]:
    """For each (triangle, end, end) with ends in rising order: the far vertices of the other triangles on that edge."""
    sharing: dict[frozenset[int], list[tuple[int, int]]] = {}
    for face, corners in enumerate(tri.tolist()):
        for k in range(3):
            edge = frozenset((corners[(k + 1) % 3], corners[(k + 2) % 3]))
            sharing.setdefault(edge, []).append((face, corners[k]))
    found = {}
    for edge, members in sharing.items():
        low, high = min(edge), max(edge)
        for face, _ in members:
            found[face, low, high] = [far for other, far in members if other != face]
    return found


def line_through(p: Tensor, q: Tensor) -> Tensor:
    """(A, B, C) of the line A x + B y + C = 0 through two points given as (x w, y w, w)."""
    return torch.linalg.cross(p, q)


def crossing(
    corners: Tensor, faces_beyond: list[list[Tensor]], holder: tuple[float, float], step: tuple[int, int]
) -> Tensor | None:
    """The distance t at which the walk from `holder` crosses the silhouette, in pixels; None where it does not count.

    Args:
        corners: the holder's triangle as (x w, y w, w) in pixels, [3, 3].
        faces_beyond: for the edge opposite each corner, the far vertices of the triangles that share it.
        holder: the centre that the walk starts from, in pixels.
        step: (1, 0), (-1, 0), (0, 1) or (0, -1).
    """
    start = torch.tensor((*holder, 1.0), dtype=torch.float64)
    end = start + torch.tensor((*step, 0.0), dtype=torch.float64)
    leaving: tuple[Tensor, int] | None = None
    for k in range(3):
        line = line_through(corners[(k + 1) % 3], corners[(k + 2) % 3])
        # Positive inside. The triangle's own corner decides which side that is; its w may be negative, and then the
        # part in front of the camera lies on the same side of the plane through eye and edge all the same.
        inward = line * torch.sign(line.detach() @ corners[k].detach())
        at_start, at_end = inward @ start, inward @ end
        if at_end < at_start:
            t = at_start / (at_start - at_end)
            if leaving is None or t < leaving[0]:
                leaving = t, k
    if leaving is None:
        return None
    t, k = leaving
    if not -SLACK <= float(t.detach()) <= 1 + SLACK:
        return None
    line = line_through(corners[(k + 1) % 3], corners[(k + 2) % 3]).detach()
    dx, dy = abs(float(line[1])), abs(float(line[0]))  # the edge runs along (B, -A)
    # An edge at exactly 45 degrees counts for horizontal pairs only: it must not count twice.
    if (dy < dx) if step[0] != 0 else (dx <= dy):
        return None
    own = float(line @ corners[k].detach())
    if any(float(line @ far) * own <= 0 for far in faces_beyond[k]):
        return None
    return t.clamp(0, 1)


def antialias(color: Tensor, rast: Tensor, pos: Tensor, tri: Tensor) -> Tensor:
    """The antialiased image, float64 [B, H, W, C]; gradients flow into `color` and x, y, w of `pos`."""
    color, pos, rast = color.double(), pos.double(), rast.detach().double()
    batch, height, width, _ = color.shape
    if pos.dim() == 2:
        pos = pos[None]
    pos = pos.expand(batch, -1, -1)
    beyond = neighbours(tri)
    # Clip space to pixels times w, pixel centres at half-integers.
    x, y, _, w = pos.unbind(-1)
    on_screen = torch.stack(((x + w) * (width / 2), (y + w) * (height / 2), w), dim=-1)
    added: list[Tensor] = []
    where: list[tuple[int, int, int]] = []
    for b, py, px, (dx, dy) in itertools.product(range(batch), range(height), range(width), ((1, 0), (0, 1))):
        qx, qy = px + dx, py + dy
        if qx >= width or qy >= height:
            continue
        first, second = rast[b, py, px].tolist(), rast[b, qy, qx].tolist()
        if first[3] == second[3]:
            continue
        second_holds = first[3] == 0 or (second[3] != 0 and second[2] < first[2])
        holder, other = ((qx, qy), (px, py)) if second_holds else ((px, py), (qx, qy))
        step = (other[0] - holder[0], other[1] - holder[1])
        face = int((second if second_holds else first)[3]) - 1
        index = tri[face].tolist()
        far = []
        for k in range(3):
            low, high = sorted((index[(k + 1) % 3], index[(k + 2) % 3]))
            far.append([on_screen[b, v].detach() for v in beyond[face, low, high]])
        t = crossing(on_screen[b, index], far, (holder[0] + 0.5, holder[1] + 0.5), step)
        if t is None:
            continue
        a = 0.5 - t
        at_holder, at_other = color[b, holder[1], holder[0]], color[b, other[1], other[0]]
        if float(a.detach()) > 0:
            added.append(a * (at_other - at_holder))
            where.append((b, holder[1], holder[0]))
        else:
            added.append(-a * (at_holder - at_other))
            where.append((b, other[1], other[0]))
    if not added:
        return color
    return color.index_put(tuple(torch.tensor(where).unbind(-1)), torch.stack(added), accumulate=True)
