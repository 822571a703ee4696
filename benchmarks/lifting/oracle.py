"""Masks that know what is in a view, exactly or with controlled errors."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Renderer
from tvdrnet_nv.shading import UNLIT

SIZE = (480, 640)
BORDER, WRONG, CONFUSED = 2, 0.1, 5


class Oracle:
    """Shows an object where its vertices' marks, interpolated over the face at the pixel's centre, are above 1/2."""

    def __init__(self, mesh: Mesh, marked: Tensor) -> None:
        colors = marked.to(mesh.colors)[:, None].expand(-1, 3).contiguous()
        painted = replace(mesh, colors=colors, textures=None)
        self._renderer = Renderer(painted, SIZE, light=UNLIT, background=(0.0, 0.0, 0.0), antialias=False)

    def __call__(self, camera: Camera) -> Tensor:
        """bool [h, w] of one camera."""
        with torch.no_grad():
            return self._renderer(camera).rgb[0, ..., 0].cpu() > 0.5


def wrong_at_border(mask: Tensor, random: torch.Generator) -> Tensor:
    """The mask bool [h, w], with 10 % of the pixels wrong that are within 2 pixels of its border."""
    side = 2 * BORDER + 1
    values = mask.float()[None, None]
    wide = torch.nn.functional.max_pool2d(values, side, 1, BORDER)[0, 0] > 0
    thin = torch.nn.functional.max_pool2d(1 - values, side, 1, BORDER)[0, 0] == 0
    flipped = wide & ~thin & (torch.rand(mask.shape, generator=random) < WRONG)
    return mask ^ flipped


def confused(count: int) -> list[int]:
    """Which of so many views show another object: one in five, rounded up, evenly spread."""
    wanted = -(-count // CONFUSED)
    return [(2 * i + 1) * count // (2 * wanted) for i in range(wanted)]
