"""Controlled errors in a mask, as 2D segmenters make them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional

from tvdrnet_nv.errors import InputError


@dataclass(frozen=True)
class Noise:
    """What is wrong with the masks of an oracle.

    Attributes:
        eroded: pixels by which each mask is too small.
        dilated: pixels by which each mask is too large.
        missed: the share of views in which nothing is found.
        confused: the share of views in which the mask is another object's.
        border: the share of wrong pixels among those at the border, one pixel at either side.
    """

    eroded: int = 0
    dilated: int = 0
    missed: float = 0.0
    confused: float = 0.0
    border: float = 0.0

    def __post_init__(self) -> None:
        for name in ("eroded", "dilated"):
            value = getattr(self, name)
            if not isinstance(value, int) or not 0 <= value <= 100:
                raise InputError(f"`segmenter` oracle: {name} {value}; wanted a number of pixels from 0 to 100")
        for name in ("missed", "confused", "border"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise InputError(f"`segmenter` oracle: {name} {value:g}; wanted a share from 0 to 1")

    def at_border(self, masks: Tensor, random: torch.Generator) -> Tensor:
        """The masks bool [B, H, W] with what is wrong about their borders."""
        if self.eroded:
            masks = ~grown(~masks, self.eroded)
        if self.dilated:
            masks = grown(masks, self.dilated)
        if self.border:
            ring = grown(masks, 1) & grown(~masks, 1)
            masks = masks ^ (ring & (torch.rand(masks.shape, generator=random) < self.border).to(masks.device))
        return masks


def parse_noise(text: str) -> Noise:
    """The noise that a text such as "border=0.1,confused=0.2" describes; none for an empty text.

    Raises:
        InputError: it describes none.
    """
    kinds = {field.name: int if field.type == "int" else float for field in fields(Noise)}
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, number = part.partition("=")
        try:
            found[name] = kinds[name](number)
        except (KeyError, ValueError):
            raise InputError(
                f"`segmenter` oracle:{text}: wanted {', '.join(kinds)} with numbers, such as border=0.1,eroded=2"
            ) from None
    return Noise(**found)  # type: ignore[arg-type]


def grown(masks: Tensor, pixels: int) -> Tensor:
    """Masks bool [B, H, W], and what is no more than so many pixels away, along rows and columns."""
    for _ in range(pixels):
        values = masks[:, None].float()
        down = functional.max_pool2d(values, (3, 1), 1, (1, 0))
        across = functional.max_pool2d(values, (1, 3), 1, (0, 1))
        masks = torch.maximum(down, across)[:, 0] > 0.5
    return masks
