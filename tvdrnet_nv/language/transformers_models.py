"""CLIP and SigLIP through transformers.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021; Zhai et al., "Sigmoid
Loss for Language Image Pre-Training", 2023.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.language.preprocessing import Fit, Preprocessing
from tvdrnet_nv.language.pretrained import load_pretrained, processor_settings, readable

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_CLASSES = {"clip": "CLIPModel", "siglip": "SiglipModel"}  # by a config's model_type
_FILTERS = {2: "bilinear", 3: "bicubic"}  # Pillow's numbers


class TransformersModel:
    """A model of transformers: see `ImageTextEncoder`.

    Args:
        name: as the user wrote it.
        model: a CLIPModel or SiglipModel.
        tokenizer: its tokenizer.
        preprocessing: its processor's.
    """

    digest = None

    def __init__(
        self, name: str, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, preprocessing: Preprocessing
    ) -> None:
        self.name = name
        self.preprocessing = preprocessing
        self.picture_size = preprocessing.seen
        self._model: Any = model.eval().requires_grad_(False)
        self._tokenizer = tokenizer
        self.scale = float(self._model.logit_scale.detach().exp())
        self.size = self.encode(["a word"]).shape[1]

    def encode(self, texts: Sequence[str]) -> Tensor:
        """See `ImageTextEncoder`; what goes beyond the model's longest text is cut off."""
        if not texts:
            return torch.empty(0, self.size, dtype=self._model.dtype)
        is_clip = self._model.config.model_type == "clip"
        tokens = self._tokenizer(
            list(texts),
            padding=True if is_clip else "max_length",  # SigLIP was trained on padded texts, and has no mask
            truncation=True,
            max_length=self._model.config.text_config.max_position_embeddings,
            return_tensors="pt",
        ).to(self._model.device)
        mask = {"attention_mask": tokens["attention_mask"]} if is_clip else {}
        with torch.no_grad():
            return _unit(self._model.get_text_features(input_ids=tokens["input_ids"], **mask))

    def encode_pictures(self, pictures: Tensor) -> Tensor:
        """See `ImageTextEncoder`."""
        return _unit(self._model.get_image_features(pixel_values=self.preprocessing(pictures.to(self._model.dtype))))


def load_transformers_model(model: str, *, dtype: torch.dtype, device: torch.device) -> TransformersModel:
    """The model of a folder, or of a name whose files are in the cache of Hugging Face; no network is asked.

    Raises:
        InputError: transformers is not installed, or the model is no CLIP or SigLIP, or is not whole.
    """
    found = load_pretrained(model, _CLASSES, "image-text model", dtype=dtype, device=device)
    where = f"image-text model {model}"
    preprocessing = readable(where, lambda: preprocessing_for(model, where))

    def read_tokenizer() -> PreTrainedTokenizerBase:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(model)

    return TransformersModel(model, found, readable(where, read_tokenizer), preprocessing)


def preprocessing_for(model: str, where: str) -> Preprocessing:
    """What a model's processor does, from the file that describes it.

    Args:
        model: a name or a folder.
        where: begins the message of an error.

    Raises:
        InputError: it does something else than a resize, a centre crop and a normalisation.
    """
    settings, source = processor_settings(model)
    return preprocessing_of(settings, f"{where}: {source}")


def preprocessing_of(settings: dict[str, Any], source: str) -> Preprocessing:
    """What the settings of a transformers image processor mean.

    Args:
        settings: of the file preprocessor_config.json.
        source: begins the message of an error.

    Raises:
        InputError: they ask for something else than a resize, a centre crop and a normalisation.
    """
    number = settings.get("resample", 3)
    if number not in _FILTERS:
        raise InputError(f"{source}: resample {number} is not known; 2 (bilinear) and 3 (bicubic) are")
    resizes, crops = settings.get("do_resize", True), settings.get("do_center_crop", "crop_size" in settings)
    size = settings.get("size", 224)
    size = {"shortest_edge": size} if isinstance(size, int) else size
    if "shortest_edge" in size and "longest_edge" not in size:
        fit, target = Fit.SHORTEST, (int(size["shortest_edge"]), int(size["shortest_edge"]))
    elif "height" in size and "width" in size:
        fit, target = Fit.EXACT, (int(size["height"]), int(size["width"]))
    else:
        raise InputError(f"{source}: size {size} is not known; shortest_edge alone, or height and width are")
    crop = settings.get("crop_size", target[0]) if crops else None
    crop = {"height": crop, "width": crop} if isinstance(crop, int) else crop
    if fit == Fit.SHORTEST and crop is None:
        raise InputError(f"{source}: a size by shortest_edge needs a centre crop, so that all pictures have one size")
    if not settings.get("do_normalize", True):
        settings = {**settings, "image_mean": 0.0, "image_std": 1.0}
    # Pictures are in 0..1 here, and in 0..255 there.
    scale = 255 * settings.get("rescale_factor", 1 / 255) if settings.get("do_rescale", True) else 255.0
    return Preprocessing(
        size=target,
        fit=fit if resizes else Fit.NONE,
        filter=_FILTERS[number],
        crop=None if crop is None else (int(crop["height"]), int(crop["width"])),
        mean=_three(settings.get("image_mean", 0.0)),
        std=_three(settings.get("image_std", 1.0)),
        scale=scale,
    )


def _three(value: float | Sequence[float]) -> tuple[float, float, float]:
    r, g, b = (value,) * 3 if isinstance(value, (int, float)) else value
    return float(r), float(g), float(b)


def _unit(features: Any) -> Tensor:
    """[N, Q] of unit length; since transformers 5, a model's features come in a record."""
    return functional.normalize(getattr(features, "pooler_output", features), dim=1)
