"""How much of the view a part fills from each direction, from far away and with nothing else there."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.renderer import Renderer

_DIRECTIONS = 64  # over half the sphere: an outline is the same from behind
_SIZE = 48  # pixels
_AWAY = 20.0  # radii
_SHARPNESS = 40.0  # concentration of the directions that `area` averages, about 9° to either side


class Outline:
    """The area of a part's outline, in square scene units, by direction.

    Args:
        renderer: of the part alone, painted with its weights: the area counts by them.
        center: [3], the middle of the part.
        radius: scene units, about `center`.

    Attributes:
        largest: the largest area from any direction.
        renders: how many pictures of the part were drawn for it.
    """

    def __init__(self, renderer: Renderer, center: Tensor, radius: float) -> None:
        steps = torch.arange(_DIRECTIONS, dtype=center.dtype, device=center.device) + 0.5
        height, turn = 1 - steps / _DIRECTIONS, steps * (math.pi * (3 - 5**0.5))
        flat = (1 - height.square()).sqrt()
        self._directions = torch.stack([flat * turn.cos(), flat * turn.sin(), height], 1)
        away = _AWAY * radius
        fov = 2.04 * math.degrees(math.asin(1 / _AWAY))
        ups = torch.where(self._directions[:, 1:2].abs() > 0.7, *center.new_tensor([[1.0, 0, 0], [0, 1.0, 0]]))
        eyes = center + away * self._directions
        looks = Camera.from_look_at(eyes, center, ups, fov)
        with torch.no_grad():
            distant = renderer.at_resolution(_SIZE).with_clip_planes(0.5 * away, 2 * away)
            covered = distant(looks).rgba[..., 0].mean((1, 2)).clamp_min(0)
        self._areas = 4 * covered * (away * math.tan(math.radians(fov) / 2)) ** 2
        # 0 where the part is smaller than a pixel of its own bounds.
        self.largest = max(float(self._areas.max()), 1e-30)
        self.renders = len(looks)

    def area(self, direction: Tensor) -> Tensor:
        """[B]: the area from unit vectors [B, 3] towards the viewer, between those that are known."""
        kernel = (_SHARPNESS * ((direction @ self._directions.T).abs() - 1)).exp()
        return (kernel * self._areas).sum(1) / kernel.sum(1)
