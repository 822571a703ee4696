"""Random look-ups for the tests of texture."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from tvdrnet_nv.conformance.scenes import normal

FILTERS = ("nearest", "linear", "linear-mipmap-nearest", "linear-mipmap-linear")
BOUNDARIES = ("wrap", "clamp", "zero", "cube")
MODES = list(itertools.product(FILTERS, BOUNDARIES))
NAMES = ("tex", "uv", "uv_da", "mip_level_bias")


def look_up(
    seed: int,
    boundary: str,
    *,
    textures: int = 2,
    size: tuple[int, int] = (8, 16),
    resolution: tuple[int, int] = (12, 15),
    channels: int = 3,
) -> dict[str, Tensor]:
    """`tex`, `uv`, `uv_da` and `mip_level_bias`, float64: two images, about half of the coordinates outside of the
    texture, footprints of all shapes from below a texel to all of it. A cube map is as wide as `size` is high."""
    cube = boundary == "cube"
    shape = (6, size[0], size[0]) if cube else size
    coordinates = 3 if cube else 2
    bias = normal(seed + 3, 2, *resolution)
    return {
        "tex": normal(seed, textures, *shape, channels),
        "uv": normal(seed + 1, 2, *resolution, coordinates),
        "uv_da": normal(seed + 2, 2, *resolution, 2 * coordinates) * torch.exp2(bias.roll(1, 2) - 3)[..., None],
        "mip_level_bias": bias,
    }


def texel_centres(height: int, width: int) -> Tensor:
    """uv [1, height, width, 2]."""
    v, u = torch.meshgrid(
        (torch.arange(height, dtype=torch.float64) + 0.5) / height,
        (torch.arange(width, dtype=torch.float64) + 0.5) / width,
        indexing="ij",
    )
    return torch.stack((u, v), dim=-1)[None]


def at(*coordinates: float) -> Tensor:
    """uv of one pixel, [1, 1, 1, 2 or 3]."""
    return torch.tensor(coordinates, dtype=torch.float64)[None, None, None]
