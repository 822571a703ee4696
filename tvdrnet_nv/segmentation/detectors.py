"""OWLv2 and Grounding DINO through transformers.

Minderer, Gritsenko and Houlsby, "Scaling Open-Vocabulary Object Detection", 2023; Liu et al., "Grounding DINO:
Marrying DINO with Grounded Pre-Training for Open-Set Object Detection", 2023.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.language.pretrained import load_pretrained, readable

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_OWL_LEAST, _DINO_LEAST = 0.2, 0.25  # scores of boxes that count; the second is the library's own


class _Detector:
    """A model with its processor.

    Args:
        name: as the user wrote it.
        model: the model.
        processor: its processor.
    """

    def __init__(self, name: str, model: PreTrainedModel, processor: Any) -> None:
        self.name = name
        self._model: Any = model
        self._processor = processor

    def _seen(self, picture: Tensor, text: Any) -> Any:
        pixels = (picture.clamp(0, 1) * 255).round().byte().cpu().numpy()
        return self._processor(images=[np.ascontiguousarray(pixels)], text=text, return_tensors="pt").to(
            self._model.device
        )


class Owlv2(_Detector):
    """A `Detector` by an Owlv2ForObjectDetection."""

    def boxes(self, picture: Tensor, sentence: str) -> tuple[Tensor, Tensor]:
        """See `Detector`."""
        seen = self._seen(picture, [[sentence]])
        found = self._model(**seen)
        # Pictures are padded to a square at the right and below.
        side = max(picture.shape[0], picture.shape[1])
        [result] = self._processor.post_process_grounded_object_detection(
            found, threshold=_OWL_LEAST, target_sizes=torch.tensor([[side, side]])
        )
        return result["boxes"].float(), result["scores"].float()


class GroundingDino(_Detector):
    """A `Detector` by a GroundingDinoForObjectDetection."""

    def boxes(self, picture: Tensor, sentence: str) -> tuple[Tensor, Tensor]:
        """See `Detector`. The model wants lower case and a full stop at the end."""
        seen = self._seen(picture, sentence.lower().rstrip(" .") + ".")
        found = self._model(**seen)
        scores = found.logits[0].sigmoid().amax(1)
        center, size = found.pred_boxes[0].split(2, dim=1)
        height, width = picture.shape[:2]
        boxes = torch.cat([center - size / 2, center + size / 2], 1) * center.new_tensor([width, height, width, height])
        kept = scores > _DINO_LEAST
        return boxes[kept].float(), scores[kept].float()


_KINDS = {
    "owlv2": (Owlv2, {"owlv2": "Owlv2ForObjectDetection"}),
    "grounding-dino": (GroundingDino, {"grounding-dino": "GroundingDinoForObjectDetection"}),
}


def load_detector(kind: str, model: str, device: torch.device) -> Owlv2 | GroundingDino:
    """The detector of a kind, "owlv2" or "grounding-dino", and of a folder or a name.

    Raises:
        InputError: it cannot be used.
    """
    make, classes = _KINDS[kind]
    found = load_pretrained(model, classes, f"segmenter {kind}", dtype=torch.float32, device=device)

    def read() -> Any:
        from transformers import AutoProcessor

        return AutoProcessor.from_pretrained(model)

    return make(f"{kind}:{model}", found, readable(f"segmenter {kind} {model}", read))
