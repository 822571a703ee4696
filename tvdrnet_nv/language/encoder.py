"""What the rest of the library asks of a sentence encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor


class TextEncoder(Protocol):
    """Maps sentences to vectors; the cosine of two says how alike the sentences are in meaning.

    Attributes:
        name: the model, for reports.
        size: Q, how many numbers an embedding has.
        digest: a hash of the model's files, by which embeddings can be kept; None where they may change unseen.
    """

    @property
    def name(self) -> str: ...

    @property
    def size(self) -> int: ...

    @property
    def digest(self) -> str | None: ...

    def encode(self, texts: Sequence[str]) -> Tensor:
        """[N, Q] float32 on the CPU, each of unit length, without a gradient; [0, Q] for no texts."""
        ...
