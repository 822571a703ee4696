"""Encoders: from sentences to embeddings in which what means alike lies close."""

from tvdrnet_nv.language.encoder import TextEncoder
from tvdrnet_nv.language.load import DEFAULT_MODEL, load_text_encoder

__all__ = ["DEFAULT_MODEL", "TextEncoder", "load_text_encoder"]
