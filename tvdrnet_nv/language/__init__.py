"""Encoders: from sentences and pictures to embeddings in which what means alike lies close."""

from tvdrnet_nv.language.encoder import TextEncoder
from tvdrnet_nv.language.image_text_encoder import ImageTextEncoder
from tvdrnet_nv.language.load import DEFAULT_MODEL, load_text_encoder
from tvdrnet_nv.language.load_image_text import load_image_text_encoder

__all__ = ["DEFAULT_MODEL", "ImageTextEncoder", "TextEncoder", "load_image_text_encoder", "load_text_encoder"]
