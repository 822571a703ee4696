"""How far one can look away from a part: a camera sees a point exactly when the point sees the camera."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Renderer

_AXES = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))
_SIZE = 16  # pixels along a side of a cube's face
_BATCH = 48
_NARROW, _WIDE = 24.0, 3.0  # concentration of the directions that are averaged: about 12° and 35° to either side
_SOFTNESS = 0.25  # of the step from blocked to free, in logarithms of the distance


class Clearance:
    """The free distances from some points of a part in all directions, on the six faces of a cube about each.

    Args:
        others: what may stand in the way; None: nothing.
        points: [S, 3] on the part, world frame.
        normals: [S, 3] of the part there; the points are lifted off the surface along them.
        lift: by so much, scene units.
        reach: no farther than this matters, scene units.
    """

    def __init__(self, others: Mesh | None, points: Tensor, normals: Tensor, lift: float, reach: float) -> None:
        self.points = points + lift * normals
        axes = points.new_tensor(_AXES)
        ups = torch.where(axes[:, 1:2].abs() > 0.5, points.new_tensor([1.0, 0, 0]), points.new_tensor([0, 1.0, 0]))
        eyes = self.points.repeat_interleave(6, 0)
        self.renders = 0 if others is None else len(eyes)
        looks = Camera.from_look_at(eyes, eyes + axes.repeat(len(points), 1), ups.repeat(len(points), 1), fov=90.0)
        self._frames = Camera.from_look_at(torch.zeros_like(axes), axes, ups, fov=90.0).R
        side = (torch.arange(_SIZE, device=points.device, dtype=points.dtype) + 0.5) * (2 / _SIZE) - 1
        rows, columns = torch.meshgrid(-side, -side, indexing="ij")  # +y is up, +x left
        rays = torch.stack([columns, rows, torch.ones_like(rows)], -1).reshape(-1, 3)
        self._lengths = rays.norm(dim=1)
        # x_view = x_world @ R, so that R's columns are the axes: back with the transpose.
        directions = (rays / self._lengths[:, None]) @ self._frames.transpose(1, 2)
        self._directions = directions.reshape(-1, 3)  # [6 H W, 3]
        self._free = points.new_full((len(points), len(self._directions)), math.inf)  # [S, 6 H W]
        if others is not None:
            self._free = self._look(Renderer(others, _SIZE, antialias=False, near=lift, far=reach), looks)

    def _look(self, renderer: Renderer, looks: Camera) -> Tensor:
        depths = []
        with torch.no_grad():
            for first in range(0, len(looks), _BATCH):
                depths.append(renderer(looks[first : first + _BATCH]).depth.flatten(1))
        depth = torch.cat(depths)
        distance = torch.where(depth > 0, depth * self._lengths, torch.full_like(depth, math.inf))
        return distance.reshape(len(self.points), -1)

    def sees(self, eye: Tensor) -> Tensor:
        """[B, S] bool: whether the points are seen from `eye` [B, 3], to the precision of the cubes' pixels."""
        away = eye[:, None] - self.points
        distance = away.norm(dim=-1)
        view = torch.einsum("bsi,fij->bsfj", away, self._frames)
        face = view[..., 2].argmax(-1, keepdim=True)
        x, y, z = view.gather(2, face[..., None].expand(-1, -1, -1, 3))[:, :, 0].unbind(-1)
        column, row = ((((1 - t / z) * (_SIZE / 2)).long()).clamp(0, _SIZE - 1) for t in (x, y))
        pixel = (face[..., 0] * _SIZE + row) * _SIZE + column
        return self._free.T.gather(0, pixel) > distance

    def openness(self, eye: Tensor) -> Tensor:
        """[B, S] in [0, 1]: how open the way from the points to `eye` [B, 3] is, and the ways beside it.

        An average over all directions, the nearer ones weighing more; smooth in `eye`, so that it has a gradient
        where a camera sees nothing of the part.
        """
        away = eye[:, None] - self.points.to(eye.dtype)
        distance = away.norm(dim=-1, keepdim=True)
        cosine = (away / distance) @ self._directions.T.to(eye.dtype)
        free = torch.sigmoid((self._free.to(eye.dtype).log() - distance.log()) / _SOFTNESS)
        near, far = ((sharpness * (cosine - 1)).exp() for sharpness in (_NARROW, _WIDE))
        narrow, wide = ((kernel * free).sum(-1) / kernel.sum(-1) for kernel in (near, far))
        return (narrow + wide) / 2
