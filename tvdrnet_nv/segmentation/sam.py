"""SAM 2, which finds what boxes are around, and SAM 3, which finds what words name, through transformers.

Ravi et al., "SAM 2: Segment Anything in Images and Videos", 2024; Carion et al., "SAM 3: Segment Anything with
Concepts", 2025.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional

from tvdrnet_nv.language.preprocessing import Preprocessing
from tvdrnet_nv.language.pretrained import load_pretrained, readable
from tvdrnet_nv.language.transformers_models import preprocessing_for

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_LEAST = 0.5  # score of an instance that counts
_WORDS = 32  # tokens, to which the model's texts are padded


class Sam2:
    """A `Refiner` by a Sam2Model.

    Args:
        name: as the user wrote it.
        model: the model.
        preprocessing: its processor's.
    """

    def __init__(self, name: str, model: PreTrainedModel, preprocessing: Preprocessing) -> None:
        self.name = name
        self._model: Any = model
        self._preprocessing = preprocessing

    def masks(self, picture: Tensor, boxes: Tensor) -> Tensor:
        """See `Refiner`."""
        size = picture.shape[0], picture.shape[1]
        seen = self._preprocessing(picture[None].to(self._model.device, self._model.dtype))
        down, across = (wanted / had for wanted, had in zip(seen.shape[2:], size, strict=True))
        scaled = boxes.to(seen) * seen.new_tensor([across, down, across, down])
        found = self._model(pixel_values=seen, input_boxes=scaled[None], multimask_output=False).pred_masks[0]
        return functional.interpolate(found, size, mode="bilinear", align_corners=False)[:, 0].sigmoid().float()


class Sam3:
    """A `Segmenter` by a Sam3Model: of the instances that it is sure of, the highest score of each pixel.

    Args:
        name: as the user wrote it.
        model: the model.
        tokenizer: its tokenizer.
        preprocessing: its processor's.
    """

    def __init__(
        self, name: str, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, preprocessing: Preprocessing
    ) -> None:
        self.name = name
        self._model: Any = model
        self._tokenizer, self._preprocessing = tokenizer, preprocessing

    def segment(self, picture: Tensor, sentence: str) -> Tensor:
        """See `Segmenter`."""
        size = picture.shape[0], picture.shape[1]
        tokens = self._tokenizer(
            [sentence], padding="max_length", truncation=True, max_length=_WORDS, return_tensors="pt"
        ).to(self._model.device)
        with torch.no_grad():
            seen = self._preprocessing(picture[None].to(self._model.device, self._model.dtype))
            found = self._model(
                pixel_values=seen, input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]
            )
            scores = found.pred_logits[0].sigmoid()
            if found.presence_logits is not None:
                scores = scores * found.presence_logits[0].sigmoid()
            masks = found.pred_masks[0].sigmoid()[scores > _LEAST]
            if not len(masks):
                return picture.new_zeros(size)
            whole = functional.interpolate(masks[None], size, mode="bilinear", align_corners=False)[0]
            return whole.amax(0).clamp(0, 1).float()


def load_sam2(model: str, device: torch.device) -> Sam2:
    """The SAM 2 of a folder or a name.

    Raises:
        InputError: it cannot be used.
    """
    # The released checkpoints name the model of videos, of which the one of pictures is a part.
    classes = {"sam2": "Sam2Model", "sam2_video": "Sam2Model"}
    found = load_pretrained(model, classes, "segmenter sam2", dtype=torch.float32, device=device)
    where = f"segmenter sam2 {model}"
    return Sam2(f"sam2:{model}", found, readable(where, lambda: preprocessing_for(model, where)))


def load_sam3(model: str, device: torch.device) -> Sam3:
    """The SAM 3 of a folder or a name.

    Raises:
        InputError: it cannot be used.
    """
    classes = {"sam3": "Sam3Model", "sam3_video": "Sam3Model"}
    found = load_pretrained(model, classes, "segmenter sam3", dtype=torch.float32, device=device)
    where = f"segmenter sam3 {model}"

    def read() -> PreTrainedTokenizerBase:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(model)

    preprocessing = readable(where, lambda: preprocessing_for(model, where))
    return Sam3(f"sam3:{model}", found, readable(where, read), preprocessing)
