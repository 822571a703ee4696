"""What the rest of the library asks of a program that finds in a picture what a sentence means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.renderer import Render

Look = Callable[[Render], Tensor]
"""From a render of B cameras to scores [B, H, W] in [0, 1]: how surely each pixel shows what is meant."""


class Segmenter(Protocol):
    """Finds in pictures what a sentence means.

    Attributes:
        name: the model or the command, for reports.
    """

    @property
    def name(self) -> str: ...

    def segment(self, picture: Tensor, sentence: str) -> Tensor:
        """How surely each pixel shows what is meant.

        Args:
            picture: [H, W, 3] float32 in [0, 1], row 0 at the top.
            sentence: what is looked for.

        Returns:
            [H, W] float32 in [0, 1], without a gradient, on the picture's device; 0.5 is the border.

        Raises:
            InputError: it fails, or gives something else.
        """
        ...


class DifferentiableSegmenter(Segmenter, Protocol):
    """A segmenter through which a gradient goes to the pictures."""

    def logits(self, pictures: Tensor, sentence: str) -> Tensor:
        """[B, H, W]: the logarithms of the odds, for pictures [B, H, W, 3]; differentiable in these."""
        ...


def looking_with(segmenter: Segmenter, sentence: str) -> Look:
    """What a segmenter finds in the pictures of renders."""

    def look(render: Render) -> Tensor:
        with torch.no_grad():
            pictures = render.rgb.detach().clamp(0, 1).float()
            found = [
                checked_scores(segmenter.segment(picture, sentence), picture, segmenter.name) for picture in pictures
            ]
            return torch.stack(found)

    return look


def checked_scores(scores: Tensor, picture: Tensor, name: str) -> Tensor:
    """The scores of a picture [H, W, 3], as they must be.

    Raises:
        InputError: they are of another shape, not finite, or not in [0, 1].
    """
    height, width = picture.shape[:2]
    where = f"segmenter {name}"
    if scores.dim() != 2:
        raise InputError(f"{where}: gave scores of shape {list(scores.shape)}; wanted [{height}, {width}]")
    if scores.shape != (height, width):
        raise InputError(
            f"{where}: its mask has {scores.shape[1]}×{scores.shape[0]} pixels, and the picture has {width}×{height}; "
            "it must have the picture's size"
        )
    if not bool(scores.isfinite().all()):
        count = int((~scores.isfinite()).sum())
        raise InputError(f"{where}: {count:,} of its scores are NaN or infinite; wanted numbers from 0 to 1")
    low, high = float(scores.min()), float(scores.max())
    if low < 0 or high > 1:
        raise InputError(f"{where}: its scores go from {low:.4g} to {high:.4g}; wanted numbers from 0 to 1")
    return scores.to(picture.device, torch.float32)
