"""How far a render's depth is from a depth picture."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from tvdrnet_nv.renderer import Render

_NOISE = 0.05  # a share of the depth: sensor, scan and edges that are a pixel off


class DepthTerm:
    """Residuals of a render's depth, as a share of it.

    With r = ln(z / z*) / 0.05, z of the render and z* of the picture, the residual is
    sign(r) sqrt(2 (sqrt(1 + r²) - 1)), whose square is the pseudo-Huber loss (Hartley and Zisserman, "Multiple View
    Geometry", 2003): r² where depths nearly agree, 2 |r| where they do not. So an edge that is a pixel off, or
    somebody in the way, counts little more than what is 5 % wrong, and a camera that is far off is still drawn.

    A pixel counts where the picture's depth is known and the render shows a surface.

    Args:
        depth: [H, W], scene units along the camera's axis; 0 where unknown.
        weight: what residuals are multiplied by: the size of a colour's residual that counts as much as 5 %.
    """

    def __init__(self, depth: Tensor, weight: float) -> None:
        self.depth = depth
        self._weight = weight
        self._resized: dict[tuple[int, int, torch.dtype, torch.device], Tensor] = {}

    def residuals(self, render: Render) -> Tensor:
        """[B, H, W, 1]; 0 where a pixel does not count."""
        depth = render.depth
        wanted = self._sized(depth)
        counts = (depth.detach() > 0) & (wanted > 0)
        ratio = torch.where(counts, depth, 1.0) / torch.where(counts, wanted, 1.0)
        off = ratio.log() / _NOISE
        return self._weight * off * (2 / ((1 + off.square()).sqrt() + 1)).sqrt()

    def agreement(self, render: Render) -> tuple[float, float]:
        """The share of the pixels that count whose depth is within 5 % of the picture's, and the median of the ratio
        of both; (0, NaN) where no pixel counts. `render` is of one camera."""
        depth, wanted = render.depth.detach(), self._sized(render.depth)
        counts = (depth > 0) & (wanted > 0)
        if not bool(counts.any()):
            return 0.0, math.nan
        ratio = depth[counts] / wanted.expand_as(depth)[counts]
        return float((ratio.log().abs() < _NOISE).float().mean()), float(ratio.median())

    def _sized(self, like: Tensor) -> Tensor:
        """[h, w, 1]: the nearest depths at the size of images; a mean of two surfaces is on neither."""
        height, width = like.shape[1:3]
        key = height, width, like.dtype, like.device
        if key not in self._resized:
            self._resized[key] = nearest(self.depth.to(like), (height, width))[..., None]
        return self._resized[key]


def nearest(depth: Tensor, size: tuple[int, int]) -> Tensor:
    """[h, w]: of depths [H, W], those at the pixels' centres of an image of another size."""
    rows, columns = (
        ((torch.arange(new, device=depth.device) + 0.5) * old / new).long().clamp_max(old - 1)
        for new, old in zip(size, depth.shape, strict=True)
    )
    return depth[rows][:, columns]
