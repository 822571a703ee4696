"""What the rest of the library asks of a model of pictures and text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor


class ImageTextEncoder(Protocol):
    """Maps sentences and pictures to vectors of one space; the cosine of two says how well they go together.

    Its texts are encoded as a `TextEncoder` encodes them, so it may stand for one.

    Attributes:
        name: the model, for reports.
        size: Q, how many numbers an embedding has.
        scale: what the model multiplies a cosine by before a softmax over texts.
        picture_size: (height, width) in pixels of what the model sees; other pictures are resized.
    """

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def digest(self) -> str | None: ...

    @property
    def scale(self) -> float: ...

    @property
    def picture_size(self) -> tuple[int, int]: ...

    def encode(self, texts: Sequence[str]) -> Tensor:
        """[N, Q] in the model's dtype, each of unit length, without a gradient; [0, Q] for no texts."""
        ...

    def encode_pictures(self, pictures: Tensor) -> Tensor:
        """[B, Q] in the model's dtype, each of unit length, differentiable in the pictures.

        Args:
            pictures: [B, H, W, 3] of any size, RGB in [0, 1], row 0 at the top. Values beyond are clamped, as a file's
                are.
        """
        ...
