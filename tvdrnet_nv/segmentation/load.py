"""From a segmenter's name to the segmenter."""

from __future__ import annotations

from pathlib import Path

import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.segmentation.boxes import BoxSegmenter
from tvdrnet_nv.segmentation.clipseg import load_clipseg
from tvdrnet_nv.segmentation.command import SECONDS, CommandSegmenter
from tvdrnet_nv.segmentation.detectors import load_detector
from tvdrnet_nv.segmentation.sam import load_sam2, load_sam3
from tvdrnet_nv.segmentation.segmenter import Segmenter
from tvdrnet_nv.segmentation.small import ROOMS, load_small_segmenter

KINDS = ("rooms", "rooms:FILE", "clipseg:MODEL", "owlv2:MODEL", "owlv2:MODEL+sam2:MODEL")
KINDS = (*KINDS, "grounding-dino:MODEL", "grounding-dino:MODEL+sam2:MODEL", "sam3:MODEL")


def load_segmenter(text: str, *, seconds: float = SECONDS, device: torch.device | str = "cpu") -> Segmenter:
    """The segmenter that a text names.

    Args:
        text: one of `KINDS`, where MODEL is a folder as transformers writes it or a name that it knows, and FILE is
            what `examples/segmentation/rooms.py` wrote; or a command line for `CommandSegmenter`.
        seconds: that a command may take for a picture.
        device: of the models; pictures are brought there.

    Raises:
        InputError: it names none, or what it names cannot be used.
    """
    if "{" in text or not text.strip():
        return CommandSegmenter(text, seconds)
    kind, _, rest = text.strip().partition(":")
    if kind == "rooms":
        return load_small_segmenter(Path(rest) if rest else ROOMS, device=device)
    model, _, refiner = rest.partition("+sam2:")
    where = torch.device(device)
    if model and (not refiner) == ("+sam2:" not in rest):
        if kind in ("owlv2", "grounding-dino"):
            return BoxSegmenter(load_detector(kind, model, where), load_sam2(refiner, where) if refiner else None)
        if kind == "clipseg" and not refiner:
            return load_clipseg(model, where)
        if kind == "sam3" and not refiner:
            return load_sam3(model, where)
    raise InputError(f"`segmenter` {text}: wanted {', '.join(KINDS)}, or a command line with {{image}} and {{out}}")
