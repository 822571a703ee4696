"""From the shaded surfaces at a pixel to its colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

__all__ = ["BlendParams", "hard_rgb_blend"]


class BlendParams(NamedTuple):
    """How the surfaces at a pixel are blended.

    Attributes:
        sigma: no effect here: silhouettes are antialiased, one pixel wide.
        gamma: no effect here: the nearest surface is opaque.
        background_color: RGB behind the scene.
    """

    sigma: float = 1e-4
    gamma: float = 1e-4
    background_color: Tensor | Sequence[float] = (1.0, 1.0, 1.0)


def background_of(blend_params: Any, like: Tensor) -> Tensor:
    """[3]: the background colour, of the dtype and on the device of `like`."""
    color = blend_params.background_color
    if isinstance(color, Tensor):
        return color.to(device=like.device, dtype=like.dtype)
    return torch.tensor(color, dtype=like.dtype, device=like.device)


def hard_rgb_blend(colors: Tensor, fragments: Any, blend_params: BlendParams) -> Tensor:
    """The nearest surface's colour, or the background.

    Args:
        colors: [N, H, W, K, 3].
        fragments: `pix_to_face` [N, H, W, K].
        blend_params: the background.

    Returns:
        [N, H, W, 4]: RGB, and alpha, which is 1 where there is a surface and 0 elsewhere, without a gradient.
    """
    covered = fragments.pix_to_face[..., :1] >= 0
    rgb = torch.where(covered, colors[..., 0, :], background_of(blend_params, colors))
    return torch.cat([rgb, covered.to(rgb.dtype)], dim=-1)
