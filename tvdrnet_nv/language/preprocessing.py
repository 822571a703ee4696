"""From pictures to what a model of pictures sees, in operations that have gradients."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from torch import Tensor
from torch.nn import functional


class Fit(StrEnum):
    """What size a picture is brought to before it is cropped."""

    NONE = "none"  # it stays as it is
    EXACT = "exact"  # the size itself, whatever the aspect ratio
    SHORTEST = "shortest"  # just covers the size; the longer side is rounded down
    COVER = "cover"  # the same, rounded to the nearest
    INSIDE = "inside"  # just fits into the size; what is left is filled


class Rounding(StrEnum):
    """To which pixel the corner of a centred crop is rounded, where it falls between two."""

    DOWN = "down"
    EVEN = "even"


@dataclass(frozen=True)
class Preprocessing:
    """Resize, centre crop, normalise: as a model's own processor does it, but for its rounding to 8 bits.

    The filters are Pillow's: where a picture is made smaller, they widen with the factor.

    Attributes:
        size: (height, width) in pixels, of the result of the resize as `fit` says.
        fit: how the picture gets there.
        filter: "bicubic" or "bilinear".
        crop: (height, width) of the centre crop; what it lacks is filled. None: no crop.
        rounding: of the crop's corner.
        fill: the value around pictures that are smaller than the crop, in [0, 1].
        mean: [3], taken off the channels.
        std: [3], by which they are divided then.
        scale: by which pictures in [0, 1] are multiplied before.
    """

    size: tuple[int, int]
    fit: Fit
    filter: str
    crop: tuple[int, int] | None
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    rounding: Rounding = Rounding.DOWN
    fill: float = 0.0
    scale: float = 1.0

    def __call__(self, pictures: Tensor) -> Tensor:
        """[B, 3, h, w] of pictures [B, H, W, 3] in [0, 1], in their dtype; differentiable."""
        found = pictures.movedim(-1, 1).clamp(0, 1)
        size = self._resized(found.shape[2], found.shape[3])
        # Across, then down, as Pillow does: a cubic filter overshoots at edges, and 8 bits cut that off each time.
        for step in ((found.shape[2], size[1]), size):
            if step != found.shape[2:]:
                found = functional.interpolate(found, step, mode=self.filter, antialias=True).clamp(0, 1)
        if self.crop is not None:
            found = self._cropped(found, self.crop)
        mean, std = (found.new_tensor(values)[:, None, None] for values in (self.mean, self.std))
        return (found * self.scale - mean) / std

    @property
    def seen(self) -> tuple[int, int]:
        """(height, width) of what the model sees."""
        return self.crop or self.size

    def _resized(self, height: int, width: int) -> tuple[int, int]:
        """What a picture's size becomes."""
        if self.fit == Fit.NONE:
            return height, width
        if self.fit == Fit.EXACT:
            return self.size
        if self.fit == Fit.SHORTEST:
            shortest = self.size[0]
            longest = int(shortest * max(height, width) / min(height, width))
            return (shortest, longest) if height <= width else (longest, shortest)
        factors = height / self.size[0], width / self.size[1]
        factor = min(factors) if self.fit == Fit.COVER else max(factors)
        return round(height / factor), round(width / factor)

    def _cropped(self, pictures: Tensor, size: tuple[int, int]) -> Tensor:
        (height, width), (tall, wide) = pictures.shape[2:], size
        down, across = max(0, tall - height), max(0, wide - width)
        if down or across:
            around = (across // 2, (across + 1) // 2, down // 2, (down + 1) // 2)
            pictures = functional.pad(pictures, around, value=self.fill)
            height, width = pictures.shape[2:]
        whole = int if self.rounding == Rounding.DOWN else round
        top, left = whole((height - tall) / 2), whole((width - wide) / 2)
        return pictures[:, :, top : top + tall, left : left + wide]
