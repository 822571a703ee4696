"""Cut-outs of pictures, seen a little askew and in slightly other colours, as differentiable operations."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

_LEAST = 0.4  # of the picture's area, the smallest cut-out
_RATIO = 4 / 3  # of a cut-out's sides, beyond the picture's own
_ASKEW = 0.08  # how much nearer the picture's edges are than its middle
_GAIN = 0.08  # of each channel
_CONTRAST = 0.15


class Augmentations:
    """`count` views of a picture: itself, and random cut-outs of at least 40 % of it, as large as the picture.

    Each is warped by a slight perspective, and its contrast and the gains of its channels are changed by a few per
    cent. The same for all pictures, so that the cameras of a batch are judged alike.

    Args:
        count: how many, 1 or more; the first is the picture as it is.
        random: what draws them.
    """

    def __init__(self, count: int, random: torch.Generator) -> None:
        draws = torch.rand(count, 10, generator=random, dtype=torch.float64)
        area = _LEAST + (1 - _LEAST) * draws[:, 0]
        ratio = torch.exp(math.log(_RATIO) * (2 * draws[:, 1] - 1))
        # Half sides in a picture of half side 1, and the middle, anywhere within.
        half = torch.stack([(area * ratio).sqrt(), (area / ratio).sqrt()], 1).clamp(max=1)
        middle = (1 - half) * (2 * draws[:, 2:4] - 1)
        tilt = _ASKEW * (2 * draws[:, 4:6] - 1)
        self._gain = 1 + _GAIN * (2 * draws[:, 6:9] - 1)
        self._contrast = 1 + _CONTRAST * (2 * draws[:, 9] - 1)
        half[0], middle[0], tilt[0], self._gain[0], self._contrast[0] = 1, 0, 0, 1, 1
        self._half, self._middle, self._tilt = half, middle, tilt

    def __len__(self) -> int:
        return len(self._half)

    def __call__(self, pictures: Tensor) -> Tensor:
        """[B·count, H, W, 3] of pictures [B, H, W, 3], those of the first first; differentiable."""
        count, (many, height, width) = len(self), pictures.shape[:3]
        grid = self._grid(height, width).to(pictures).repeat(many, 1, 1, 1)
        images = pictures.movedim(-1, 1).repeat_interleave(count, 0)
        cut = functional.grid_sample(images, grid, mode="bilinear", padding_mode="border", align_corners=False)
        gain = self._gain.to(cut).repeat(many, 1)[:, :, None, None]
        contrast = self._contrast.to(cut).repeat(many)[:, None, None, None]
        middle = cut.mean((1, 2, 3), keepdim=True)
        return ((middle + contrast * (cut - middle)) * gain).movedim(1, -1)

    def _grid(self, height: int, width: int) -> Tensor:
        """[count, H, W, 2]: where each pixel is taken from, (x, y) in [-1, 1]."""
        y, x = (((2 * torch.arange(n, dtype=torch.float64) + 1) / n - 1) for n in (height, width))
        at = torch.stack(torch.meshgrid(x, y, indexing="xy"), -1)
        away = 1 + (at * self._tilt[:, None, None]).sum(-1, keepdim=True)
        return self._middle[:, None, None] + self._half[:, None, None] * at / away
