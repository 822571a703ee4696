"""CLIP and its kin through open_clip."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.language.loading import reason_of, without_network
from tvdrnet_nv.language.preprocessing import Fit, Preprocessing, Rounding

OPEN_CLIP_CONFIG = "open_clip_config.json"  # in a model's folder


class OpenClipModel:
    """A model of open_clip: see `ImageTextEncoder`.

    Args:
        name: as the user wrote it.
        model: open_clip's model.
        tokenizer: from texts to tokens [N, L].
        preprocessing: its own.
    """

    digest = None

    def __init__(self, name: str, model: torch.nn.Module, tokenizer: Any, preprocessing: Preprocessing) -> None:
        self.name = name
        self.preprocessing = preprocessing
        self.picture_size = preprocessing.seen
        self._model: Any = model.eval().requires_grad_(False)
        self._tokenizer = tokenizer
        weights = next(model.parameters())
        self._dtype, self._device = weights.dtype, weights.device
        self.scale = float(self._model.logit_scale.detach().exp())
        self.size = self.encode(["a word"]).shape[1]

    def encode(self, texts: Sequence[str]) -> Tensor:
        """See `ImageTextEncoder`; what goes beyond the model's longest text is cut off."""
        if not texts:
            return torch.empty(0, self.size, dtype=self._dtype)
        with torch.no_grad():
            return functional.normalize(self._model.encode_text(self._tokenizer(list(texts)).to(self._device)), dim=1)

    def encode_pictures(self, pictures: Tensor) -> Tensor:
        """See `ImageTextEncoder`."""
        return functional.normalize(self._model.encode_image(self.preprocessing(pictures.to(self._dtype))), dim=1)


def load_open_clip_model(
    model: str, checkpoint: str | Path | None, *, dtype: torch.dtype, device: torch.device
) -> OpenClipModel:
    """The model of a name with the weights of a file, or all of it from a folder.

    Args:
        model: a name that open_clip knows, or a folder with open_clip_config.json and the weights.
        checkpoint: the file of the weights (.pt, .bin or .safetensors) of a name; None for a folder.
        dtype: of the model.
        device: of the model.

    Raises:
        InputError: open_clip is not installed, knows no such model, or the weights are of another one.
    """
    place = f"image-text model {model}" if checkpoint is None else f"image-text model {model}={checkpoint}"
    try:
        import open_clip  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise InputError(f"{place}: needs open_clip; type: pip install 'tvdrnet_nv[clip]'") from None
    except Exception as error:  # torchvision for another torch than the installed one
        raise InputError(
            f"{place}: open_clip cannot be imported ({reason_of(error)}); install torch and torchvision of one release"
        ) from error
    if checkpoint is not None and not Path(checkpoint).is_file():
        raise InputError(f"{place}: there is no file {checkpoint}; give the file of the model's weights")
    if checkpoint is not None and open_clip.get_model_config(model) is None:
        raise InputError(f"{place}: open_clip knows no model {model}; open_clip.list_models() lists the names")
    name = f"local-dir:{model}" if checkpoint is None else model
    try:
        with without_network():
            found = open_clip.create_model(
                name,
                pretrained=None if checkpoint is None else str(checkpoint),
                require_pretrained=True,
                weights_only=True,
            )
            tokenizer = open_clip.get_tokenizer(name)
    except Exception as error:  # its readers' errors have no common class
        raise InputError(
            f"{place}: cannot be loaded ({reason_of(error)}); give a model's name and the file of its own weights, or "
            "its folder"
        ) from error
    settings = dict(open_clip.get_model_preprocess_cfg(found))
    preprocessing = preprocessing_of(settings, place)
    return OpenClipModel(model, found.to(device=device, dtype=dtype), tokenizer, preprocessing)


def preprocessing_of(settings: dict[str, Any], source: str) -> Preprocessing:
    """What open_clip's settings of a model mean.

    Args:
        settings: size, mean, std, interpolation, resize_mode and fill_color.
        source: begins the message of an error.

    Raises:
        InputError: a resize mode that is not known.
    """
    size = settings["size"]
    height, width = (size, size) if isinstance(size, int) else size[-2:]
    fits = {"shortest": Fit.SHORTEST if height == width else Fit.COVER, "longest": Fit.INSIDE, "squash": Fit.EXACT}
    mode = settings.get("resize_mode") or "shortest"
    if mode not in fits:
        raise InputError(f"{source}: resize mode {mode} is not known; {', '.join(fits)} are")
    # "random" is for training; and to cover what is no square, open_clip always takes the cubic filter.
    linear = settings.get("interpolation") == "bilinear" and fits[mode] != Fit.COVER
    mean, std = (tuple(float(value) for value in settings[name]) for name in ("mean", "std"))
    return Preprocessing(
        size=(height, width),
        fit=fits[mode],
        filter="bilinear" if linear else "bicubic",
        crop=None if mode == "squash" else (height, width),
        mean=(mean[0], mean[1], mean[2]),
        std=(std[0], std[1], std[2]),
        rounding=Rounding.EVEN,
        fill=float(settings.get("fill_color") or 0) / 255,
    )
