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
"""Pixels along the shorter side of the pictures that the network was trained with."""

_SIDES = (SEEN, 2 * SEEN)  # that it sees: what is small needs the larger, what is large is known from the smaller
# What the best rival's logit counts: with 0, names do not compete; with 1, only the highest has the pixel.
_RIVALS = 0.5

KINDS = (
    *("ball", "books", "bowl", "box", "can", "chair", "coffee table", "cushion", "desk", "dining table", "door"),
    *("floor", "floor lamp", "keyboard", "lamp", "monitor", "mug", "office chair", "picture", "pile", "plant", "shelf"),
    *("sideboard", "sofa", "vase", "wall", "window"),
)
"""What the things of rooms made by code are called: the names that the package's network was trained with."""


class SmallSegmenter:
    """A `DifferentiableSegmenter` by a `TextConditionedNetwork`.

    It sees pictures of `SEEN` pixels a side and of twice as many, and takes the mean of the logits. It knows single
    nouns: of a sentence, it takes what its first noun phrase names, or what it is for. Where that is one of `KINDS`,
    the others are its rivals: half of the best one's logit is taken off where that is above 0. Other names have none.

    Args:
        network: trained.
        encoder: of the sentences that it was trained with.
        name: for reports.
    """

    def __init__(self, network: TextConditionedNetwork, encoder: TextEncoder, name: str = "rooms") -> None:
        self.name = name
        self._network, self._encoder = network.eval().requires_grad_(False), encoder
        self._kept: dict[str, Tensor] = {}
        self._of_kinds: Tensor | None = None

    def segment(self, picture: Tensor, sentence: str) -> Tensor:
        """See `Segmenter`."""
        with torch.no_grad():
            return self.logits(picture[None], sentence)[0].sigmoid()

    def logits(self, pictures: Tensor, sentence: str) -> Tensor:
        """See `DifferentiableSegmenter`."""
        size = pictures.shape[1], pictures.shape[2]
        planes = pictures.movedim(-1, 1)
        queries = self._queries(sentence).to(pictures)
        found = []
        for small in sorted({shrunk(size, side) for side in _SIDES}, reverse=True):
            seen = planes
            if small != size:
                seen = functional.interpolate(planes, small, mode="bilinear", antialias=True)
            logits = self._network(seen.movedim(1, -1), queries)
            if found:
                logits = functional.interpolate(logits, found[0].shape[2:], mode="bilinear", align_corners=False)
            found.append(logits)
        logits = torch.stack(found).mean(0)
        own, rivals = logits[:, :1], logits[:, 1:]
        if rivals.shape[1]:
            own = own - _RIVALS * rivals.amax(1, keepdim=True).clamp_min(0)
        return functional.interpolate(own, size, mode="bilinear", align_corners=False)[:, 0]

    def _queries(self, sentence: str) -> Tensor:
        """[1 + R, Q]: the sentence, then its rivals."""
        if sentence not in self._kept:
            phrase = next(iter(read_sentence(sentence, lambda noun: entry_of(noun) is not None)), None)
            words = sentence if phrase is None else phrase.name or phrase.use or sentence
            if self._of_kinds is None:
                self._of_kinds = self._encoder.encode(list(KINDS))
            self._kept[sentence] = torch.cat([self._encoder.encode([words]), self._of_kinds[rivals_of(words)]])
        return self._kept[sentence]


def rivals_of(name: str) -> list[int]:
    """The numbers of the `KINDS` that a name does not mean; none where it means none of them."""
    entry = entry_of(name)
    mine = [i for i, kind in enumerate(KINDS) if kind == name or (entry is not None and entry_of(kind) is entry)]
    mine = mine or [i for i, kind in enumerate(KINDS) if _may_mean(name, kind)]
    return [i for i in range(len(KINDS)) if i not in mine] if mine else []


def _may_mean(name: str, kind: str) -> bool:
    """Whether a name is another one of a kind, or covers it, or the kind's is another one of the name's."""
    own, other = entry_of(name), entry_of(kind)
    names = () if other is None else (*other.names, *other.covers)
    return name in names or kind.endswith(f" {name}") or (own is not None and kind in own.names)


def load_small_segmenter(file: Path = ROOMS, *, device: torch.device | str = "cpu") -> SmallSegmenter:
    """The segmenter of a file that `examples/segmentation/rooms.py` wrote; by default, the package's own.

    Raises:
        InputError: the file cannot be used, or the encoder of sentences is not installed.
    """
    network = load_network(file, device)
    return SmallSegmenter(network, load_text_encoder(), "rooms" if file == ROOMS else str(file))
