"""From a model's name, file or folder to an encoder of pictures and text."""

from __future__ import annotations

from pathlib import Path

import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.language.image_text_encoder import ImageTextEncoder
from tvdrnet_nv.language.open_clip_models import OPEN_CLIP_CONFIG, load_open_clip_model
from tvdrnet_nv.language.transformers_models import load_transformers_model


def load_image_text_encoder(
    model: str | Path, *, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> ImageTextEncoder:
    """The encoder of a model.

    Args:
        model: a folder as transformers or open_clip writes it; a name that transformers knows; or NAME=FILE, a name
            that open_clip knows and the file of its weights.
        dtype: of the model and of its embeddings.
        device: of the model; pictures must be there.

    Raises:
        InputError: what the model needs is not installed, or its files cannot be used.
    """
    text, where = str(model), torch.device(device)
    if not text.strip():
        raise InputError("image-text model: is empty; give a model's folder, a name, or NAME=FILE")
    if Path(text).is_dir():
        if (Path(text) / OPEN_CLIP_CONFIG).is_file():
            return load_open_clip_model(text, None, dtype=dtype, device=where)
        if not (Path(text) / "config.json").is_file():
            raise InputError(
                f"image-text model {text}: the folder has no config.json and no {OPEN_CLIP_CONFIG}; give a model's "
                "folder"
            )
    elif "=" in text:
        name, _, file = text.partition("=")
        return load_open_clip_model(name, file, dtype=dtype, device=where)
    elif text.startswith(("/", ".", "~")) or text.count("/") > 1:
        raise InputError(f"image-text model {text}: there is no such folder; give a model's folder, or a name")
    return load_transformers_model(text, dtype=dtype, device=where)
