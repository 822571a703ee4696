"""Which world axis points up in a scene."""

from __future__ import annotations

from typing import Literal

import torch

from tvdrnet_nv.mesh import Mesh, cross_products

_LEVEL = 0.94  # cosine: within 20 degrees of the axis
_END = 0.15  # share of the extent along the axis that counts as its low or high end
_MARGIN = 0.08


def guess_up(mesh: Mesh) -> Literal["y", "z"]:
    """Guess whether a scene is y-up (OBJ, glTF, most objects) or z-up (ScanNet and most scanners).

    A scan is an open surface: it has a floor but rarely a whole ceiling, while each wall has one opposite; and a closed
    object's low end faces away from it as much as its high end does. So for either axis, take the level surface (normal
    within 20° of the axis) in the lowest and in the highest 15 % of the scene, its area signed by which way it faces,
    so that the two sides of a board cancel. How much the two ends differ, as a share of the whole area, is the
    evidence. "z" needs to win by 8 percentage points; everything else, such as any closed object, is "y".

    A heuristic: it takes a closed object that is z-up, or a room scanned with its whole ceiling, for y-up.
    """
    faces = mesh.faces.long()
    corners = mesh.vertices.detach()[faces].double()
    normal = cross_products(corners)
    area = normal.norm(dim=1)
    total = area.sum()
    if not total > 0:
        return "y"
    low, high = (bound.double() for bound in mesh.bounds)
    a, b, c = corners.unbind(1)
    center = (a + b + c) / 3
    evidence = {}
    for name, axis in (("y", 1), ("z", 2)):
        along = torch.where(normal[:, axis].abs() > _LEVEL * area, normal[:, axis], 0.0)
        place = (center[:, axis] - low[axis]) / (high[axis] - low[axis]).clamp_min(1e-30)
        floor, ceiling = along[place < _END].sum().abs(), along[place > 1 - _END].sum().abs()
        evidence[name] = float((floor - ceiling).abs() / total)
    return "z" if evidence["z"] > evidence["y"] + _MARGIN else "y"
