"""A photograph that a view should match: contrast counts, light does not."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.objectives.match import MatchImage
from tvdrnet_nv.objectives.robust import RobustLoss
from tvdrnet_nv.objectives.windows import window_means
from tvdrnet_nv.renderer import Render

if TYPE_CHECKING:
    from tvdrnet_nv.objectives.match import Picture

_WINDOW = 0.33  # of the shorter side
_NARROWEST = 20.0  # pixels: in images as small as this, one window is all there is
_FLOOR = 0.08  # contrast, of values in [0, 1], below which an area counts as plain
_SCALE = 1.0  # of the robust loss, in standard deviations of the window
# The residual of a pixel where the scene has nothing: about that of two colours that have nothing in common. These
# differ by 2 in the mean square; a robust loss of them is less than that of the mean.
_HOLE, _HOLE_SQUARED = 1.2, math.sqrt(2)
_ENOUGH, _ENOUGH_OF_MASK = 0.5, 0.9  # share of the picture, or of what a mask marks, that has to show the scene
_LEAST = 0.05  # coverage below which a pixel's own colour is not known
_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
_TINTED = 0.01  # deviation from one line in the space of colours, to which a picture is of one tint


class MatchPhotograph(MatchImage):
    """Robust squared error of locally normalised colours, where the render shows the scene.

    Each channel of render and target has the mean of a window taken away and is divided by the window's deviation.
    The mean square of the difference is 2 (1 - r), r the correlation in the windows (zero-mean normalised cross
    correlation; Lewis, "Fast Normalized Cross-Correlation", 1995). So the exposure, the white balance and slow changes
    of the light do not count. Where a render shows no surface, as in a scan's holes, there is nothing to compare, and
    these pixels do not count in the windows either. If less than half of the picture shows the scene, or less than
    nine tenths of what a mask marks, what is missing costs as much as pixels that do not fit, so that a view gains
    nothing by looking past the scene. With a grey or tinted target, whose colours lie on one line, the renders'
    brightness is compared.

    Args:
        target, mask: as of `MatchImage`.
        robust: Geman-McClure's with scale 1 by default; None: the squared error.
        background: RGB behind the scene in the renders.
        depth: as of `MatchImage`.
    """

    compared = "as a photograph"
    _depth_weight = 1.0  # in standard deviations of the window, as the colours' residuals

    def __init__(
        self,
        target: Picture,
        *,
        robust: RobustLoss | None = RobustLoss("geman-mcclure", _SCALE),  # noqa: B008 (frozen)
        mask: Picture | None = None,
        background: tuple[float, float, float] = (1.0, 1.0, 1.0),
        depth: Tensor | np.ndarray | str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__(target, robust=robust, mask=mask, depth=depth)
        self._background = background
        self._hole = _HOLE_SQUARED if robust is None else _HOLE
        self._enough = _ENOUGH if self._mask is None else _ENOUGH_OF_MASK
        self._grey = _is_of_one_tint(self._target)

    def __call__(self, render: Render) -> Tensor:
        return self.loss_of(self.residuals(render))

    def residuals(self, render: Render) -> Tensor:
        """[B, H, W, 6]: of the three channels, and of holes for each; with a depth, its residuals as a seventh."""
        return self.residuals_of(self.images_of(render))

    def images_of(self, render: Render) -> Tensor:
        """[B, H, W, 4]: RGB and coverage; with a depth, its residuals as a fifth channel."""
        if self._depth is None:
            return render.rgba
        far = self._depth.residuals(render) * self._mask_share(render.rgba).sqrt()
        return torch.cat([render.rgba, far], -1)

    def residuals_of(self, images: Tensor) -> Tensor:
        """Likewise of what `images_of` gives, which may be averaged."""
        rgba, far = images[..., :4], images[..., 4:]
        target, weights, image = self._compared(rgba)
        width = self.correlation_length((rgba.shape[1], rgba.shape[2]))
        total = window_means(weights, width) + 1e-4
        features = (self.features(planes, weights) for planes in (image, target))
        seen, wanted = (_normalised(planes, weights, total, width) for planes in features)
        difference = (seen - wanted).movedim(1, -1)
        # Of what is compared, so that a hole less or more is neither good nor bad, down to what is enough.
        covered = weights.movedim(1, -1)
        overlap = covered.mean((1, 2), keepdim=True)
        missing = (1 - overlap / self._enough).clamp_min(0)
        holes = self._hole * missing.sqrt().expand_as(difference)
        return torch.cat([difference * (covered / overlap.clamp_min(self._enough)).sqrt(), holes, far], -1)

    def features(self, planes: Tensor, weights: Tensor) -> Tensor:
        """[..., 3, H, W]: what is compared of colours [..., 3, H, W] with pixels' weights [B, 1, H, W]."""
        if not self._grey:
            return planes
        luma = planes.new_tensor(_LUMA)[:, None, None]
        return (planes * luma).sum(-3, keepdim=True).expand_as(planes)

    def shown(self, rgba: Tensor) -> Tensor:
        """[B, H, W, 4]: what is compared with the `picture` of images [B, H, W, 4]."""
        if not self._grey:
            return rgba
        grey = self.features(rgba[..., :3].movedim(-1, -3), rgba[..., 3:].movedim(-1, -3))
        return torch.cat([grey.movedim(-3, -1), rgba[..., 3:]], -1)

    def correlation_length(self, resolution: tuple[int, int]) -> float:
        """The windows' width in pixels: residuals within it share the mean and the deviation of a window."""
        return max(_NARROWEST, _WINDOW * min(resolution))

    def _compared(self, rgba: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The target [3, H, W], the pixels' weights [B, 1, H, W] without gradient, and the surface's own colours."""
        planes = rgba.movedim(-1, 1)
        alpha = planes[:, 3:]
        behind = rgba.new_tensor(self._background)[:, None, None]
        image = (planes[:, :3] - (1 - alpha) * behind) / alpha.clamp_min(_LEAST)
        # A pixel that is half covered is next to a hole, where a scan is at its worst.
        weights = alpha.detach().clamp(0, 1).square() * self._mask_share(rgba).movedim(-1, 1)
        return self._sized("target", rgba).movedim(-1, 0), weights, image

    def _mask_share(self, rgba: Tensor) -> Tensor:
        """[1, H, W, 1]: how much each pixel counts, of mean 1."""
        if self._mask is None:
            return rgba.new_ones(1, *rgba.shape[1:3], 1)
        return self._sized("mask", rgba).square()[None]


def _is_of_one_tint(target: Tensor) -> bool:
    """Whether the colours [H, W, 3] lie on one line, as those of a grey or a sepia picture."""
    if target.is_meta:
        return False
    colors = target.detach().flatten(0, 1).double()
    spread = (
        torch.linalg.eigvalsh((colors - colors.mean(0)).T.cov(correction=0)) if len(colors) > 1 else colors.new_zeros(3)
    )
    return float(spread[1].clamp_min(0).sqrt()) < _TINTED


def _normalised(image: Tensor, weights: Tensor, total: Tensor, width: float) -> Tensor:
    """[B, 3, H, W]: without the windows' mean, in units of their deviation."""
    centred = image - window_means(weights * image, width) / total
    variance = window_means(weights * centred.square(), width) / total
    return centred / (variance + _FLOOR**2).sqrt()
