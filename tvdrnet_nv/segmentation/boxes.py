"""Segmenters by detectors: boxes around what a sentence names, and masks in the boxes."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor


class Detector(Protocol):
    """Finds boxes in pictures.

    Attributes:
        name: the model, for reports.
    """

    @property
    def name(self) -> str: ...

    def boxes(self, picture: Tensor, sentence: str) -> tuple[Tensor, Tensor]:
        """[N, 4] x0, y0, x1, y1 in pixels from the top left corner, and their scores [N] in [0, 1], of a picture
        [H, W, 3]; those that the model takes for nothing are left out."""
        ...


class Refiner(Protocol):
    """Finds what boxes are around.

    Attributes:
        name: the model, for reports.
    """

    @property
    def name(self) -> str: ...

    def masks(self, picture: Tensor, boxes: Tensor) -> Tensor:
        """[N, H, W] in [0, 1], what is in each box [N, 4] of a picture [H, W, 3]; N is 1 or more."""
        ...


class BoxSegmenter:
    """A `Segmenter` by a detector; without a refiner, all of a box is what it is around.

    Of several boxes, the highest score counts. In a box alone, it is 1/2 and half of the box's score.

    Args:
        detector: finds boxes.
        refiner: finds masks in them.
    """

    def __init__(self, detector: Detector, refiner: Refiner | None = None) -> None:
        self.name = detector.name if refiner is None else f"{detector.name}+{refiner.name}"
        self._detector, self._refiner = detector, refiner

    def segment(self, picture: Tensor, sentence: str) -> Tensor:
        """See `Segmenter`."""
        height, width = picture.shape[:2]
        with torch.no_grad():
            boxes, scores = self._detector.boxes(picture, sentence)
            found = picture.new_zeros(height, width)
            if not len(boxes):
                return found
            if self._refiner is not None:
                return self._refiner.masks(picture, boxes).amax(0).to(found)
            for box, score in zip(boxes.tolist(), scores.tolist(), strict=True):
                left, top, right, bottom = (round(value) for value in box)
                inside = found[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
                inside.clamp_(min=0.5 + score / 2)
            return found
