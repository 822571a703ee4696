"""CLIPSeg through transformers.

Lüddecke and Ecker, "Image Segmentation Using Text and Image Prompts", 2022.
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


class ClipSeg:
    """A `DifferentiableSegmenter` by a CLIPSegForImageSegmentation.

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
        with torch.no_grad():
            return self.logits(picture[None], sentence)[0].sigmoid().float()

    def logits(self, pictures: Tensor, sentence: str) -> Tensor:
        """See `DifferentiableSegmenter`; the model's own forward pass has no gradient to the pictures."""
        model, config = self._model, self._model.config
        tokens = self._tokenizer(
            [sentence],
            truncation=True,
            max_length=config.text_config.max_position_embeddings,
            return_tensors="pt",
        ).to(model.device)
        with torch.no_grad():
            condition = model.clip.get_text_features(tokens["input_ids"], attention_mask=tokens["attention_mask"])
        condition = getattr(condition, "pooler_output", condition).expand(len(pictures), -1)
        seen = self._preprocessing(pictures.to(model.device, model.dtype))
        vision = model.clip.vision_model(pixel_values=seen, output_hidden_states=True)
        activations = tuple(vision.hidden_states[layer + 1] for layer in config.extract_layers)
        found = model.decoder(activations, condition).logits
        size = pictures.shape[1], pictures.shape[2]
        return functional.interpolate(found[:, None], size, mode="bilinear", align_corners=False)[:, 0]


def load_clipseg(model: str, device: torch.device, dtype: torch.dtype = torch.float32) -> ClipSeg:
    """The CLIPSeg of a folder or a name.

    Raises:
        InputError: it cannot be used.
    """
    classes = {"clipseg": "CLIPSegForImageSegmentation"}
    found = load_pretrained(model, classes, "segmenter clipseg", dtype=dtype, device=device)
    where = f"segmenter clipseg {model}"
    preprocessing = readable(where, lambda: preprocessing_for(model, where))
    return ClipSeg(f"clipseg:{model}", found, readable(where, lambda: _tokenizer(model)), preprocessing)


def _tokenizer(model: str) -> PreTrainedTokenizerBase:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(model)
