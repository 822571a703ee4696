"""Which direction points up in a scene."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tvdrnet_nv.camera.orbit import Up
from tvdrnet_nv.mesh import Mesh, cross_products

_FACES = 200_000  # of which the evidence is taken, at most
_LEVEL = 0.94  # cosine: within 20 degrees of level
_END = 0.15  # share of the extent along the direction that counts as its low or high end
_CONES = 35.0, 25.0, 15.0, 10.0  # degrees, in which the surfaces near an axis settle its direction, each in turn
_TILTED = 32.0  # degrees, how far a scene may be tilted against its axes
_FLATNESS = 0.07
# How much each axis is ahead: y is the usual one, scanners have z, what is fused from pictures has the first camera's
# axes with y down, and the others hardly occur.
_AHEAD: dict[Up, float] = {"y": 0.04, "z": 0.0, "-y": 0.02, "-z": -0.28, "x": -0.28, "-x": -0.28}


def guess_up(mesh: Mesh) -> Up:
    """Guess which of a scene's six axes points up: the one with the most evidence.

    A heuristic: it may take a closed object without a floor for y-up.
    """
    evidence = up_evidence(mesh)
    return max(evidence, key=evidence.__getitem__)


def up_direction(mesh: Mesh, up: Up | None = None) -> Tensor:
    """[3] float64 on the CPU, unit length: the direction near an axis, by default `guess_up`'s, that most surfaces
    there are level to. The axis itself, where there are none within 32° of it."""
    normals, areas, _ = _surfaces(mesh)
    return _settled(normals, areas, up or guess_up(mesh))


def up_evidence(mesh: Mesh) -> dict[Up, float]:
    """How much speaks for each of the six axes, the sum of:

    - The floor. A scan is an open surface: it has a floor but rarely a whole ceiling, while each wall has one
      opposite. So the level surface (normal within 20° of the axis) in the lowest and in the highest 15 % of the scene,
      its area signed by which way it faces so that the two sides of a board cancel: how much more there is below, as a
      share of all area.
    - What stands on the floor. Scanners see tables and seats from above, and furniture hides its undersides near the
      floor. So the level surface between the two ends that faces up, less that which faces down; counted twice.
    - The shape. Rooms are lower than wide: 0.07 times the logarithm of that ratio, between 0 and 0.07.
    - How usual the axis is: +0.04 for y, 0 for z, +0.02 for -y, and -0.28 for the others.

    Each axis stands for the direction within 32° of it that most surfaces are level to.
    """
    normals, areas, centers = _surfaces(mesh)
    total = areas.sum()
    if not total > 0:
        return dict(_AHEAD)
    low, high = (bound.cpu().double() for bound in mesh.bounds)
    size = (high - low).clamp_min(1e-30).tolist()
    evidence = dict(_AHEAD)
    for up, ahead in _AHEAD.items():
        direction = _settled(normals, areas, up)
        facing = normals @ direction
        level = torch.where(facing.abs() > _LEVEL, facing * areas, 0.0)
        height = centers @ direction
        place = (height - height.min()) / (height.max() - height.min()).clamp_min(1e-30)
        below, above = place < _END, place > 1 - _END
        floor = level[below].sum().abs() - level[above].sum().abs()
        furniture = level[~below & ~above].sum()
        across = min(size[axis] for axis in range(3) if axis != _index(up))
        flatness = min(max(math.log(across / size[_index(up)]), 0.0), 1.0)
        evidence[up] = float((floor + 2 * furniture) / total) + _FLATNESS * flatness + ahead
    return evidence


def _index(up: Up) -> int:
    return "xyz".index(up[-1])


def _surfaces(mesh: Mesh) -> tuple[Tensor, Tensor, Tensor]:
    """Unit normals [N, 3], areas [N] and centres [N, 3] of the faces, or of every n-th of many; float64, on the CPU."""
    faces = mesh.faces[:: max(1, mesh.num_faces // _FACES)].long()
    corners = mesh.vertices.detach()[faces].double().cpu()
    crosses = cross_products(corners)
    areas = crosses.norm(dim=1)
    return crosses / areas.clamp_min(1e-300)[:, None], areas, corners.mean(1)


def _settled(normals: Tensor, areas: Tensor, up: Up) -> Tensor:
    """[3]: the mean normal of the surfaces around an axis, in narrower and narrower cones."""
    axis = torch.zeros(3, dtype=torch.float64)
    axis[_index(up)] = -1.0 if up.startswith("-") else 1.0
    direction = axis
    for cone in _CONES:
        facing = normals @ direction
        weights = torch.where(facing.abs() > math.cos(math.radians(cone)), areas * facing.sign(), 0.0)
        mean = weights @ normals
        if not float(mean.norm()) > 1e-9 * float(areas.sum()):
            return axis
        direction = mean / mean.norm()
    return direction if float(direction @ axis) >= math.cos(math.radians(_TILTED)) else axis
