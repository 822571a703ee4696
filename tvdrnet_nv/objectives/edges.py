"""A picture in other colours that a view should match: where its edges are counts, and how they run."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.objectives.photograph import MatchPhotograph

_FAINT = 0.02  # slope, in colours of [0, 1] per pixel, below which there is no edge
_SHOWN = 0.25  # weight from which a pixel shows the scene


class MatchEdges(MatchPhotograph):
    """`MatchPhotograph` of the edges of render and target, in place of their colours.

    The squared slopes of all channels together make a structure tensor (Di Zenzo, "A Note on the Gradient of a
    Multi-Image", 1986). It has no sign, so that an edge from dark to bright is one from bright to dark as well. With
    its trace m², three channels are compared: sqrt(m), and sqrt(m) times the cosine and the sine of twice the edge's
    angle. The root makes strong edges count little more than others. So neither hues nor the order of brightnesses need
    agree, as in a drawing, a thermal picture or a scene with other materials; only that colours change at the same
    places. Slopes next to a hole of the scene do not count.

    Args:
        target, robust, mask, background, depth: as of `MatchPhotograph`.
    """

    compared = "by its edges"

    def features(self, planes: Tensor, weights: Tensor) -> Tensor:
        """[B, 3, H, W]: edges of colours [..., 3, H, W], where weights [B, 1, H, W] show the scene around them."""
        shown = (weights > _SHOWN).to(planes)
        for dim in (-1, -2):
            before, after = _neighbours(shown, dim)
            shown = shown * before * after
        smooth = {dim: _smoothed(planes, dim) for dim in (-1, -2)}
        across, down = _slope(smooth[-2], -1), _slope(smooth[-1], -2)
        xx, yy, xy = (product.sum(-3, keepdim=True) for product in (across * across, down * down, across * down))
        size = (xx + yy + _FAINT**2).sqrt()
        root = size.sqrt()
        return torch.cat([root - _FAINT**0.5, (xx - yy) / (size * root), 2 * xy / (size * root)], -3) * shown

    def shown(self, rgba: Tensor) -> Tensor:
        """[B, H, W, 4]: the edges in images [B, H, W, 4] in place of colours, and the coverage."""
        _, weights, image = self._compared(rgba)
        return torch.cat([self.features(image, weights).movedim(1, -1), rgba[..., 3:]], -1)

    def picture(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The target's edges [H, W, 3], and how much each pixel counts, [H, W, 1], at the size of images."""
        target, counts = super().picture(images)
        return self.features(target.movedim(-1, 0), torch.ones_like(counts).movedim(-1, 0)).movedim(0, -1), counts


def _neighbours(planes: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """Planes moved by a pixel either way along a side; the border repeats itself."""
    size = planes.shape[dim]
    before = torch.cat([planes.narrow(dim, 0, 1), planes.narrow(dim, 0, size - 1)], dim)
    after = torch.cat([planes.narrow(dim, 1, size - 1), planes.narrow(dim, size - 1, 1)], dim)
    return before, after


def _smoothed(planes: Tensor, dim: int) -> Tensor:
    before, after = _neighbours(planes, dim)
    return (before + 2 * planes + after) / 4


def _slope(planes: Tensor, dim: int) -> Tensor:
    before, after = _neighbours(planes, dim)
    return (after - before) / 2
