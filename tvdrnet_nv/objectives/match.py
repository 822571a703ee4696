"""The picture that a view should match."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.io import as_depth, as_mask, as_picture
from tvdrnet_nv.objectives.depth import DepthTerm
from tvdrnet_nv.objectives.robust import KINDS, SCALE, RobustLoss
from tvdrnet_nv.ops import mean_squared_error
from tvdrnet_nv.renderer import Render

if TYPE_CHECKING:
    from PIL.Image import Image

    from tvdrnet_nv.objectives.photograph import MatchPhotograph

    Picture = Tensor | np.ndarray | Image | str | os.PathLike[str]

_NO_VARIANCE = 1e-6  # an image of one colour has no gain
_NO_SHARE = 1e-4  # of a resized mask: less than one level of 8 bits in 16 pixels
_CONSTANT = 2e-3  # standard deviation: half a step of 8 bits


class MatchImage:
    """Mean squared error to a target image, or a robust one.

    Renders may be brighter than 1 where the light is reflected; a picture is not. So they are clipped to [0, 1] before
    they are compared, unless the target itself has values beyond.

    Args:
        target: [H, W, 3], RGB in [0, 1], or [H, W] in grey, row 0 at the top: a tensor, an array, a PIL image or the
            path of a picture; also whole numbers of 8 or 16 bits. Averaged down, or interpolated up, to the renders'
            size, and stretched where these have another aspect ratio. Alpha, as a fourth channel, is a mask: how much
            each pixel counts. The colours are not blended with it.
        robust: a `RobustLoss`, or its kind, "huber" or "geman-mcclure", instead of the squared error: where part of the
            picture shows what the scene has not, or in another light.
        mask: [H, W] in [0, 1], of the target: how much each pixel counts; from the same kinds of sources. A picture's
            mask is its brightness times its alpha. The target's own alpha is multiplied by it.
        exposure: take the target's exposure and white balance as unknown: each render is compared after the gain and
            offset of each channel that fit it to the target best, by least squares.
        depth: [H, W], the target's depth in scene units, along the camera's axis; 0 or NaN where it is unknown: a
            tensor, an array, or the path of a depth picture, whose unit is then the scene's. Another term of the loss,
            `DepthTerm`: one more channel of residuals.

    Raises:
        InputError: a path that leads to no picture.
        TypeError: a target, mask or robust loss of another type or dtype.
        ValueError: a wrong shape, values that are not finite or not in [0, 1], or a mask or alpha that is zero
            everywhere, or leaves nothing of the other; a depth that is negative or nowhere known.
    """

    _depth_weight = SCALE

    def __init__(
        self,
        target: Picture,
        *,
        robust: RobustLoss | str | None = None,
        mask: Picture | None = None,
        exposure: bool = False,
        depth: Tensor | np.ndarray | str | os.PathLike[str] | None = None,
    ) -> None:
        picture = as_picture(target, "target")
        mask = None if mask is None else as_mask(mask, "mask")
        if mask is not None and mask.shape != picture.shape[:2]:
            raise ValueError(f"mask must have the target's shape, {list(picture.shape[:2])}; got {list(mask.shape)}")
        if mask is not None and not bool((mask >= 0).all() and (mask > 0).any()):
            raise ValueError("mask must not be negative, nor zero everywhere")
        if mask is not None and not bool((mask <= 1).all()):
            raise ValueError(f"mask must be in 0 to 1; got {float(mask.max()):g}")
        if picture.shape[2] == 4:
            mask = picture[..., 3] if mask is None else mask.to(picture) * picture[..., 3]
            if not bool((mask > 0).any()):
                raise ValueError("mask leaves out every pixel of the target that is not transparent")
        if not isinstance(robust, RobustLoss | str | None):
            raise TypeError(f"robust must be a RobustLoss, {' or '.join(KINDS)}; got {type(robust).__name__}")
        if not isinstance(exposure, bool):
            raise TypeError(f"exposure must be True or False; got {exposure!r}")
        self.robust = RobustLoss(robust) if isinstance(robust, str) else robust
        self._target, self._mask, self._exposure = picture[..., :3], mask, exposure
        self._clip = bool((self._target >= 0).all() and (self._target <= 1).all())
        self._depth = None
        if depth is not None:
            far = as_depth(depth, "depth").to(picture)
            if far.shape != picture.shape[:2]:
                wanted = list(picture.shape[:2])
                raise ValueError(f"depth must have the target's shape, {wanted}; got {list(far.shape)}")
            self._depth = DepthTerm(far, self._depth_weight)
        self._resized: dict[tuple[str, int, int, torch.dtype, torch.device], Tensor] = {}

    def __call__(self, render: Render) -> Tensor:
        if self.robust is None and self._mask is None and self._depth is None and not self._exposure:
            return mean_squared_error(render.rgba, self._sized("target", render.rgba), clip=self._clip)
        return self.loss_of(self.residuals(render))

    @property
    def sees_only_colours(self) -> bool:
        """Whether there is no depth to compare."""
        return self._depth is None

    @property
    def reason_without_gradient(self) -> str:
        """Not empty where all that counts of the target has one colour, but for what a lossy file adds."""
        counts = self._target.flatten(0, 1) if self._mask is None else self._target[self._mask > 0]
        if self._depth is not None:
            return ""
        constant = len(counts) < 2 or float(counts.std(0).max()) < _CONSTANT
        return "the target has only one colour, so every camera fits it equally well" if constant else ""

    def residuals(self, render: Render) -> Tensor:
        """[B, H, W, 3]: render minus target, of which `loss_of` makes the loss. Levenberg-Marquardt works on these.

        With a depth, [B, H, W, 4]: its residuals are the last channel.
        """
        image, target = render.rgb, self._sized("target", render.rgba)
        share = None if self._mask is None else self._sized("mask", render.rgba)
        if self._exposure:
            image = _exposed(image, target, share)
        if self._clip:
            image = image.clamp(0, 1)
        difference = image - target
        if self._depth is not None:
            difference = torch.cat([difference, self._depth.residuals(render)], -1)
        return difference if share is None else difference * share

    def loss_of(self, residuals: Tensor) -> Tensor:
        """[B]: the loss of residuals [B, h, w, C], which may be averaged."""
        return (residuals.square() if self.robust is None else self.robust.loss(residuals)).mean((1, 2, 3))

    def picture(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The target [H, W, 3] and how much each pixel counts, [H, W, 1], of mean 1, at the size of images."""
        target = self._sized("target", images)
        return target, torch.ones_like(target[..., :1]) if self._mask is None else self._sized("mask", images).square()

    @property
    def exposure(self) -> bool:
        """Whether the target's exposure is free."""
        return self._exposure

    @property
    def depth_term(self) -> DepthTerm | None:
        """What compares depths, where there is a depth picture."""
        return self._depth

    def with_free_exposure(self) -> MatchImage:
        """The same target, mask and depth, with the exposure of each channel free."""
        depth = None if self._depth is None else self._depth.depth
        return MatchImage(self._target, robust=self.robust, mask=self._mask, exposure=True, depth=depth)

    def as_photograph(self, background: tuple[float, float, float]) -> MatchPhotograph:
        """The same target and mask, compared as a photograph."""
        from tvdrnet_nv.objectives.photograph import MatchPhotograph

        depth = None if self._depth is None else self._depth.depth
        return MatchPhotograph(self._target, mask=self._mask, background=background, depth=depth)

    def _sized(self, what: str, image: Tensor) -> Tensor:
        """The target [H, W, 3], or the roots of the mask's shares [H, W, 1], at an image's size."""
        height, width = image.shape[1:3]
        key = (what, height, width, image.dtype, image.device)
        if key not in self._resized:
            if self._mask is None:
                sized = _resize(self._target.to(image), height, width)
            else:
                own = self._mask.to(image)[..., None]
                mask = _resize(own, height, width).clamp_min(0)
                if what == "target":
                    sized = _resize_masked(self._target.to(image), own, mask)
                else:
                    sized = (mask / mask.mean()).sqrt()
            self._resized[key] = sized.contiguous()
        return self._resized[key]


def _resize(image: Tensor, height: int, width: int) -> Tensor:
    if image.shape[:2] == (height, width):
        return image
    planes = image.permute(2, 0, 1)[None]
    if image.shape[0] >= height and image.shape[1] >= width:
        resized = torch.nn.functional.interpolate(planes, (height, width), mode="area")
    else:
        resized = torch.nn.functional.interpolate(planes, (height, width), mode="bilinear", antialias=True)
    return resized[0].permute(1, 2, 0)


def _resize_masked(image: Tensor, own: Tensor, mask: Tensor) -> Tensor:
    """The image [H, W, 3] at the size of mask [h, w, 1], which is `own` [H, W, 1] resized.

    Colours that do not count, such as those that a program leaves where a picture is transparent, are not mixed in.
    """
    height, width = mask.shape[:2]
    if image.shape[:2] == (height, width):
        return image
    mixed = _resize(image * own, height, width) / mask.clamp_min(_NO_SHARE)
    return torch.where(mask > _NO_SHARE, mixed, _resize(image, height, width))


def _exposed(images: Tensor, target: Tensor, root: Tensor | None) -> Tensor:
    """[B, H, W, 3]: images with the gain and offset of each channel that fit them to the target [H, W, 3] best.

    `root` [H, W, 1] are the roots of the pixels' weights, of mean 1.
    """
    weights = 1.0 if root is None else root.square()
    wanted = (weights * target).mean((0, 1))
    centred = images - (weights * images).mean((1, 2), keepdim=True)
    variance = (weights * centred.square()).mean((1, 2), keepdim=True)
    gain = (weights * centred * (target - wanted)).mean((1, 2), keepdim=True) / (variance + _NO_VARIANCE)
    return gain * centred + wanted
