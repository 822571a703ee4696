"""What makes a view good: objectives, from a render to one loss per camera."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from tvdrnet_nv.renderer import Render

Objective = Callable[[Render], Tensor]
"""Any callable that takes a `Render` of B cameras and returns their losses, [B]: lower is better."""


class MatchImage:
    """Mean squared error to a target image.

    Args:
        target: [H, W, 3], RGB in [0, 1], row 0 at the top. Averaged down, or interpolated up, to the renders' size.
        scale: compare the images averaged over squares of `scale` pixels: a larger scale sees farther and less sharply.
    """

    def __init__(self, target: Tensor, scale: int = 1) -> None:
        if target.dim() != 3 or target.shape[2] != 3:
            raise ValueError(f"target must have shape [H, W, 3]; got {list(target.shape)}")
        self._target = target
        self._scale = scale
        self._resized: dict[tuple[int, int, torch.dtype, torch.device], Tensor] = {}

    def at_scale(self, scale: int) -> MatchImage:
        """Return the same objective on images averaged over squares of `scale` pixels."""
        return MatchImage(self._target, scale)

    def __call__(self, render: Render) -> Tensor:
        image = render.rgb
        key = (image.shape[1], image.shape[2], image.dtype, image.device)
        if key not in self._resized:
            self._resized[key] = self._reduced(_resize(self._target.to(image), image.shape[1], image.shape[2])[None])
        return (self._reduced(image) - self._resized[key]).square().mean(dim=(1, 2, 3))

    def _reduced(self, images: Tensor) -> Tensor:
        """[B, H, W, 3] to [B, h, w, 3], the squares' means; the last row and column may be of smaller ones."""
        if self._scale == 1:
            return images
        planes = images.permute(0, 3, 1, 2)
        return torch.nn.functional.avg_pool2d(planes, self._scale, ceil_mode=True).permute(0, 2, 3, 1)


def _resize(image: Tensor, height: int, width: int) -> Tensor:
    if image.shape[:2] == (height, width):
        return image
    planes = image.permute(2, 0, 1)[None]
    if image.shape[0] >= height and image.shape[1] >= width:
        resized = torch.nn.functional.interpolate(planes, (height, width), mode="area")
    else:
        resized = torch.nn.functional.interpolate(planes, (height, width), mode="bilinear", antialias=True)
    return resized[0].permute(1, 2, 0)


def view_heuristic(render: Render) -> Tensor:
    """TVDRNet's unsupervised loss: |mean(rgb) - 0.5| - 0.1 std(rgb) - 0.5 mean(alpha), for each camera.

    It asks for medium brightness, contrast and coverage. The coverage has a gradient through antialiased silhouettes.
    """
    values = render.rgb.flatten(1)
    brightness = (values.mean(1) - 0.5).abs()
    return brightness - 0.1 * values.std(1) - 0.5 * render.alpha.flatten(1).mean(1)
