"""From the shaded surfaces at a pixel to its colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

__all__ = ["BlendParams", "hard_rgb_blend", "sigmoid_alpha_blend", "softmax_rgb_blend"]


class BlendParams(NamedTuple):
    """How the surfaces at a pixel are blended.

    Attributes:
        sigma: how fast coverage falls off with the squared distance from a face's edge; no effect where silhouettes are
            antialiased (docs/pytorch3d.md).
        gamma: how fast weights fall off with depth; no effect where silhouettes are antialiased.
        background_color: RGB behind the scene.
    """

    sigma: float = 1e-4
    gamma: float = 1e-4
    background_color: Tensor | Sequence[float] = (1.0, 1.0, 1.0)


def background_of(blend_params: Any, like: Tensor) -> Tensor:
    """[C]: the background colour, of the dtype and on the device of `like` [..., C].

    Raises:
        ValueError: it has another number of channels.
    """
    color = blend_params.background_color
    if not isinstance(color, Tensor):
        color = torch.tensor(color, dtype=like.dtype, device=like.device)
    if len(color) != like.shape[-1]:
        raise ValueError(f"BlendParams.background_color must have {like.shape[-1]} channels; got {len(color)}")
    return color.to(device=like.device, dtype=like.dtype)


def hard_rgb_blend(colors: Tensor, fragments: Any, blend_params: BlendParams) -> Tensor:
    """The nearest surface's colour, or the background.

    Args:
        colors: [N, H, W, K, C].
        fragments: `pix_to_face` [N, H, W, K].
        blend_params: the background.

    Returns:
        [N, H, W, C + 1]: the colour, and alpha, which is 1 where there is a surface, else 0, without a gradient.
    """
    covered = fragments.pix_to_face[..., :1] >= 0
    rgb = torch.where(covered, colors[..., 0, :], background_of(blend_params, colors))
    return torch.cat([rgb, covered.to(rgb.dtype)], dim=-1)


def _coverage(fragments: Any, sigma: float) -> Tensor:
    """[N, H, W, K]: how much each face covers the pixel, by its signed squared distance from the edge."""
    covered = fragments.pix_to_face >= 0
    return torch.sigmoid(-fragments.dists / sigma) * covered


def sigmoid_alpha_blend(colors: Tensor, fragments: Any, blend_params: BlendParams) -> Tensor:
    """The nearest surface's colour, and as alpha the probability that some face covers the pixel (Liu et al., "Soft
    Rasterizer", 2019, without depth).

    Args:
        colors: [N, H, W, K, 3].
        fragments: `pix_to_face` and `dists` [N, H, W, K], of blurred faces.
        blend_params: sigma.

    Returns:
        [N, H, W, 4].
    """
    alpha = 1.0 - (1.0 - _coverage(fragments, blend_params.sigma)).prod(dim=-1)
    return torch.cat([colors[..., 0, :], alpha[..., None]], dim=-1)


def _depth(value: Any, like: Tensor) -> Any:
    """A number, or [N] beside [N, H, W, K]."""
    return value.to(like)[..., None, None, None] if isinstance(value, Tensor) else value


def softmax_rgb_blend(
    colors: Tensor, fragments: Any, blend_params: BlendParams, znear: Any = 1.0, zfar: Any = 100.0
) -> Tensor:
    """All K surfaces and the background, weighted by how much they cover the pixel and by a softmax of inverse depth
    (Liu et al., "Soft Rasterizer", 2019).

    Args:
        colors: [N, H, W, K, C].
        fragments: `pix_to_face`, `zbuf` and `dists` [N, H, W, K], of blurred faces.
        blend_params: sigma, gamma and the background.
        znear: the depth that counts as 1, number or [N].
        zfar: the depth that counts as 0, number or [N].

    Returns:
        [N, H, W, C + 1]: the colour, and the probability that some face covers the pixel.
    """
    least = 1e-10  # keeps the background's weight and the sum above zero
    coverage = _coverage(fragments, blend_params.sigma)
    znear, zfar = _depth(znear, coverage), _depth(zfar, coverage)
    nearness = (zfar - fragments.zbuf) / (zfar - znear) * (fragments.pix_to_face >= 0)
    nearest = nearness.amax(dim=-1, keepdim=True).clamp_min(least)
    weights = coverage * torch.exp((nearness - nearest) / blend_params.gamma)
    behind = torch.exp((least - nearest) / blend_params.gamma).clamp_min(least)
    rgb = (weights[..., None] * colors).sum(dim=-2) + behind * background_of(blend_params, colors)
    alpha = 1.0 - (1.0 - coverage).prod(dim=-1)
    return torch.cat([rgb / (weights.sum(dim=-1, keepdim=True) + behind), alpha[..., None]], dim=-1)
