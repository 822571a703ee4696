"""The embeddings of words: those of the vocabulary are kept on disk, as there are many and they do not change."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.grounding.vocabulary import entries, other_uses, other_words
from tvdrnet_nv.kept import kept
from tvdrnet_nv.language import TextEncoder


class Embeddings:
    """The embeddings of texts; each is encoded once.

    Args:
        encoder: where it has a `digest`, the vocabulary's embeddings are kept on disk under it.
    """

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Tensor] | None = None  # read or made when the first text needs the encoder

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """[N, Q] float32, on the CPU."""
        if self._known is None:
            self._known = _of_vocabulary(self._encoder)
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode(new), strict=True))
        return torch.stack([self._known[text] for text in texts])


@cache
def vocabulary() -> tuple[str, ...]:
    """All texts of the vocabulary that sentences are compared with: names, uses, and other words and wishes."""
    names = (name for item in entries().values() for name in item.names)
    uses = (use for item in entries().values() for use in item.uses)
    return tuple(dict.fromkeys((*names, *uses, *other_words(), *other_uses())))


def _of_vocabulary(encoder: TextEncoder) -> dict[str, Tensor]:
    """The vocabulary's embeddings; nothing for an encoder without a digest, whose files may change."""
    if encoder.digest is None:
        return {}
    texts = vocabulary()
    # torch's version as well, as its sums may be in another order.
    key = hashlib.sha256(repr((encoder.digest, torch.__version__, texts)).encode()).hexdigest()[:32]
    held = kept("embeddings", f"{key}.bin", lambda: encoder.encode(texts).numpy().tobytes())
    table = torch.from_numpy(np.frombuffer(held, np.float32).reshape(len(texts), encoder.size).copy())
    return dict(zip(texts, table, strict=True))
