"""A room as one looks into a doll's house: without its ceiling, without what stands between it and the camera."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.mesh import Mesh, cross_products
from tvdrnet_nv.winding import winding_is_consistent

_LEVEL, _UPRIGHT = 0.94, 0.34  # cosines between a face's normal and up: within 20° of level, or of upright
_ALONG = 0.94  # cosine between a wall's normal and the direction out of the room
_END = 0.15  # share of the room's extent at its top or at a side, within which ceiling and wall lie
_CEILING = 0.25  # of the floor's area, which the level surface up there must have to be a ceiling
_WALL = 0.25  # of the side's area, likewise
_THICK = 0.002  # share of the extent by which what is cut reaches into the room
_BINS = 90  # of a quarter turn, for the direction of the walls
_NEARLY, _EDGE = 0.6, 0.1
_PEAK = 0.02  # share of the extent of a layer in which surface is added up


class _Side(NamedTuple):
    """A direction out of the room [3], how far along it the wall begins, and the faces that go with it, [F] bool."""

    out: Tensor
    begins: float
    faces: Tensor


class Dollhouse:
    """Makes of a mesh, for any camera, what is left of it when one looks in.

    - The ceiling goes, and what hangs above it: the level surface within the topmost 15 % of the height, where there
      is a quarter of the floor's area of it.
    - Walls go that the camera looks at from outside: on each side of the room's box, whose sides are along most of the
      upright surface, the outermost upright surface that is parallel to the side, and what is beyond it but for the
      floor and the other walls.
    - Faces go whose back the camera sees, where the order of vertices says which side that is.

    Args:
        mesh: the scene.
        up: [3], world frame.

    Attributes:
        notes: what could not be done, a sentence each.
    """

    def __init__(self, mesh: Mesh, up: Tensor) -> None:
        self._mesh = mesh
        corners = mesh.vertices.detach()[mesh.faces.long()].double()
        cross = cross_products(corners)
        self._areas = cross.norm(dim=1) / 2
        self._normals = torch.nn.functional.normalize(cross, dim=1, eps=1e-30)
        self._centers = corners.mean(1)
        up = torch.nn.functional.normalize(up.to(corners), dim=0)
        self._up, self._facing = up, self._normals @ up
        self._is_level = self._facing.abs() > _LEVEL
        self._culls = winding_is_consistent(mesh)
        self.notes: tuple[str, ...] = ()
        if not self._culls:
            self.notes = ("the faces' vertices are in no consistent order, so that backs of faces are not left out",)
        keep = ~self._ceiling(self._centers @ up)
        self._inside = keep
        sides = [self._side(out, keep) for out in self._outward()]
        walls = [side.faces & self._is_along(side.out) for side in sides]
        others = [torch.stack(walls[:k] + walls[k + 1 :]).any(0) for k in range(len(walls))]
        self._sides = [side._replace(faces=side.faces & ~other) for side, other in zip(sides, others, strict=True)]

    def seen_by(self, camera: Camera) -> Mesh:
        """The mesh without what hides the room from one camera; at least one face is left."""
        eye = camera.position[0].detach().to(self._centers)
        keep = self._inside.clone()
        for side in self._sides:
            if float(eye @ side.out) > side.begins:
                keep &= ~side.faces
        if self._culls:
            keep &= ((eye - self._centers) * self._normals).sum(1) > 0
        if not bool(keep.any()):
            keep[0] = True
        return _part(self._mesh, keep)

    def _ceiling(self, heights: Tensor) -> Tensor:
        """[F] bool: the ceiling and what is above it."""
        low, high = heights.min(), heights.max()
        top = heights > high - _END * (high - low)
        level = self._is_level
        below = level & (heights < low + _END * (high - low))
        up_there = level & top
        if not float(self._areas[up_there].sum()) > _CEILING * float(self._areas[below].sum()):
            return torch.zeros_like(level)
        begins = _first(heights[up_there], self._areas[up_there], _PEAK * float(high - low))
        return heights > begins - _THICK * float(high - low)

    def _outward(self) -> list[Tensor]:
        """Four level directions, out of the sides of the room's box."""
        up = self._up
        upright = self._facing.abs() < _UPRIGHT
        first = torch.linalg.cross(up, torch.eye(3).to(up)[int(up.abs().argmin())])
        first = torch.nn.functional.normalize(first, dim=0)
        second = torch.linalg.cross(up, first)
        angle = torch.atan2(self._normals[upright] @ second, self._normals[upright] @ first)
        quarter = (torch.remainder(angle, torch.pi / 2) / (torch.pi / 2) * _BINS).long().clamp(max=_BINS - 1)
        weights = torch.zeros(_BINS).to(self._areas).index_add(0, quarter, self._areas[upright])
        smooth = weights + weights.roll(1) + weights.roll(-1)
        turn = (float(smooth.argmax()) + 0.5) * torch.pi / 2 / _BINS
        turned = [turn + k * torch.pi / 2 for k in range(4)]
        return [torch.cos(torch.tensor(t)) * first + torch.sin(torch.tensor(t)) * second for t in turned]

    def _is_along(self, out: Tensor) -> Tensor:
        """[F] bool: the faces of walls across a direction."""
        return (self._normals @ out).abs() > _ALONG

    def _side(self, out: Tensor, keep: Tensor) -> _Side:
        """What is to go where the camera is beyond a wall; nothing where there is no wall."""
        places = self._centers @ out
        low, high = float(places.min()), float(places.max())
        size = high - low
        wall = keep & self._is_along(out) & (places > high - _END * size)
        extents = [torch.aminmax(self._centers @ axis) for axis in (torch.linalg.cross(out, self._up), self._up)]
        side = float((extents[0].max - extents[0].min) * (extents[1].max - extents[1].min))
        if not float(self._areas[wall].sum()) > _WALL * side:
            return _Side(out, float("inf"), torch.zeros_like(keep))
        begins = _first(places[wall], self._areas[wall], _PEAK * size) - _THICK * size
        return _Side(out, begins, (places > begins) & ~self._is_level)


def _first(places: Tensor, areas: Tensor, width: float) -> float:
    """Where the first layer begins, of a width, that holds nearly as much area as the fullest: of a wall with two
    faces, the inner one."""
    order = places.argsort()
    places, sums = places[order], areas[order].cumsum(0)
    ends = torch.searchsorted(places, places + width, right=True) - 1
    within = sums[ends] - sums + areas[order]
    start = int((within >= _NEARLY * within.max()).nonzero()[0])
    # Where its surface begins, not where a layer may begin that holds it.
    before = sums[start] - areas[order][start]
    return float(places[int(torch.searchsorted(sums, before + _EDGE * within[start]).clamp(max=len(sums) - 1))])


def _part(mesh: Mesh, keep: Tensor) -> Mesh:
    """The mesh with some of its faces."""
    textures = mesh.textures
    if textures is not None:
        textures = replace(textures, face_image=textures.face_image[keep].contiguous())
    return replace(mesh, faces=mesh.faces[keep], textures=textures)
