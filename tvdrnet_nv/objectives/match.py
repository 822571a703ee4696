"""The picture that a view should match."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv.ops import mean_squared_error
from tvdrnet_nv.renderer import Render

_CONSTANT = 2e-3  # standard deviation: half a step of 8 bits


class MatchImage:
    """Mean squared error to a target image.

    Args:
        target: [H, W, 3], RGB in [0, 1], row 0 at the top. Averaged down, or interpolated up, to the renders' size.
    """

    def __init__(self, target: Tensor) -> None:
        if target.dim() != 3 or target.shape[2] != 3:
            raise ValueError(f"target must have shape [H, W, 3]; got {list(target.shape)}")
        self._target = target
        self._resized: dict[tuple[int, int, torch.dtype, torch.device], Tensor] = {}

    def __call__(self, render: Render) -> Tensor:
        return mean_squared_error(render.rgba, self._target_for(render.rgba))

    @property
    def is_constant(self) -> bool:
        """Whether the target is of one colour, but for what a lossy file adds."""
        return float(self._target.flatten(0, 1).std(0).max()) < _CONSTANT if self._target.numel() > 3 else True

    def residuals(self, render: Render) -> Tensor:
        """[B, H, W, 3]: render minus target, the loss being their mean square. Levenberg-Marquardt works on these."""
        return render.rgb - self._target_for(render.rgba)

    def _target_for(self, image: Tensor) -> Tensor:
        key = (image.shape[1], image.shape[2], image.dtype, image.device)
        if key not in self._resized:
            self._resized[key] = _resize(self._target.to(image), image.shape[1], image.shape[2]).contiguous()
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
