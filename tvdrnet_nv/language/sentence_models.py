"""Any other sentence encoder, through sentence-transformers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.language.loading import why_not_loaded, without_network

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class SentenceModel:
    """A model of sentence-transformers: see `TextEncoder`.

    Args:
        name: as the user wrote it.
        model: the loaded model.
    """

    digest = None

    def __init__(self, name: str, model: SentenceTransformer) -> None:
        self.name = name
        self.size = int(self.encode_with(model, ["a word"]).shape[1])
        self._model = model

    def encode(self, texts: Sequence[str]) -> Tensor:
        """See `TextEncoder`."""
        return self.encode_with(self._model, texts) if texts else torch.empty(0, self.size)

    @staticmethod
    def encode_with(model: SentenceTransformer, texts: Sequence[str]) -> Tensor:
        """[N, Q] float32, unit length."""
        found = model.encode(list(texts), convert_to_numpy=True, show_progress_bar=False)
        return functional.normalize(torch.from_numpy(found).float(), dim=1)


def load_sentence_model(model: str) -> SentenceModel:
    """The model of a folder, or of a name whose files are in the cache of Hugging Face; no network is asked.

    Raises:
        InputError: sentence-transformers is not installed, or there is no such model on this machine.
    """
    if re.match(r"[./~]|[^/]*/[^/]*/|[^/]*/$", model) and not Path(model).is_dir():  # no name, which is OWNER/MODEL
        raise InputError(f"text model {model}: cannot be loaded (no such folder); give a model's folder")
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise InputError(
            f"text model {model}: needs sentence-transformers; type: pip install sentence-transformers"
        ) from None
    if (
        Path(model).is_dir()
        and not (Path(model) / "config.json").is_file()
        and not (Path(model) / "modules.json").is_file()
    ):
        raise InputError(
            f"text model {model}: the folder has no modules.json and no config.json; give a model's folder"
        )
    try:
        with without_network():
            found = SentenceTransformer(model, device="cpu", trust_remote_code=False, local_files_only=True)
        return SentenceModel(model, found)
    except Exception as error:  # the hub's and the readers' errors have no common class
        raise InputError(f"text model {model}: {why_not_loaded(error)}") from error
