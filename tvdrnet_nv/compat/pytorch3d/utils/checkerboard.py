"""A board of squares."""

from __future__ import annotations

import torch

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.textures import TexturesAtlas
from tvdrnet_nv.compat.pytorch3d.structures.meshes import Meshes

__all__ = ["checkerboard"]


def checkerboard(
    radius: int = 4,
    color1: tuple[float, ...] = (0.0, 0.0, 0.0),
    color2: tuple[float, ...] = (1.0, 1.0, 1.0),
    device: Device | None = None,
) -> Meshes:
    """Squares of side 1 in the plane z = 0, two faces each, in two colours by turns (a `TexturesAtlas` of one texel).

    Args:
        radius: squares from the origin to each border.
        color1: of the square at the lowest x and y.
        color2: of its neighbours; as many numbers.
        device: where to put it.

    Raises:
        ValueError: radius below 1, or colours of different lengths.
    """
    if radius < 1 or len(color1) != len(color2):
        raise ValueError(f"radius must be at least 1 and both colors as long; got {radius}, {color1} and {color2}")
    side = 2 * radius
    y, x = torch.meshgrid(torch.arange(side + 1), torch.arange(side + 1), indexing="ij")
    verts = torch.stack([x - radius, y - radius, torch.zeros_like(x)], dim=-1).reshape(-1, 3).float()
    low = (y * (side + 1) + x)[:side, :side]
    right, up = low + 1, low + side + 1
    faces = torch.stack([low, right, up + 1, low, up + 1, up], dim=-1).reshape(-1, 3)
    colors = torch.tensor([color1, color2], dtype=torch.float32)[(x + y)[:side, :side].reshape(-1) % 2]
    atlas = colors.repeat_interleave(2, dim=0)[:, None, None]
    return Meshes([verts], [faces], TexturesAtlas([atlas])).to("cpu" if device is None else device)
