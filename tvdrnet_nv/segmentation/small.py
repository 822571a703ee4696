"""The segmenter that comes with the package: trained on pictures of rooms made by code."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from tvdrnet_nv.grounding.sentence import read_sentence
from tvdrnet_nv.grounding.vocabulary import entry_of
from tvdrnet_nv.language import TextEncoder, load_text_encoder
from tvdrnet_nv.renderer import shrunk
from tvdrnet_nv.segmentation.files import load_network
from tvdrnet_nv.segmentation.network import TextConditionedNetwork

ROOMS = Path(__file__).with_name("rooms.pt")
"""The file of the weights that come with the package."""

SEEN = 120
"""Pixels along the shorter side of the pictures that the network sees."""


class SmallSegmenter:
    """A `DifferentiableSegmenter` by a `TextConditionedNetwork`.

    It sees pictures of `SEEN` pixels a side at most, and knows single nouns: of a sentence, it takes what its first
    noun phrase names, or what it is for.

    Args:
        network: trained.
        encoder: of the sentences that it was trained with.
        name: for reports.
    """

    def __init__(self, network: TextConditionedNetwork, encoder: TextEncoder, name: str = "rooms") -> None:
        self.name = name
        self._network, self._encoder = network.eval().requires_grad_(False), encoder
        self._kept: dict[str, Tensor] = {}

    def segment(self, picture: Tensor, sentence: str) -> Tensor:
        """See `Segmenter`."""
        with torch.no_grad():
            return self.logits(picture[None], sentence)[0].sigmoid()

    def logits(self, pictures: Tensor, sentence: str) -> Tensor:
        """See `DifferentiableSegmenter`."""
        size = pictures.shape[1], pictures.shape[2]
        planes = pictures.movedim(-1, 1)
        small = shrunk(size, SEEN)
        if small != size:
            planes = functional.interpolate(planes, small, mode="bilinear", antialias=True)
        found = self._network(planes.movedim(1, -1), self._query(sentence).to(pictures))
        return functional.interpolate(found, size, mode="bilinear", align_corners=False)[:, 0]

    def _query(self, sentence: str) -> Tensor:
        if sentence not in self._kept:
            phrase = next(iter(read_sentence(sentence, lambda noun: entry_of(noun) is not None)), None)
            words = sentence if phrase is None else phrase.name or phrase.use or sentence
            self._kept[sentence] = self._encoder.encode([words])
        return self._kept[sentence]


def load_small_segmenter(file: Path = ROOMS, *, device: torch.device | str = "cpu") -> SmallSegmenter:
    """The segmenter of a file that `examples/segmentation/rooms.py` wrote; by default, the package's own.

    Raises:
        InputError: the file cannot be used, or the encoder of sentences is not installed.
    """
    network = load_network(file, device)
    return SmallSegmenter(network, load_text_encoder(), "rooms" if file == ROOMS else str(file))
