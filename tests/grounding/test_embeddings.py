"""The embeddings of words: each text is encoded once, and the vocabulary once on a machine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tvdrnet_nv.grounding.embeddings import Embeddings, vocabulary


class Encoder:
    """Gives each text a vector of its own, and remembers what it was asked."""

    name, size = "mine", 4

    def __init__(self, digest: str | None) -> None:
        self.digest = digest
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Tensor:
        self.asked += texts
        draws = [torch.randn(4, generator=torch.Generator().manual_seed(sum(map(ord, text)))) for text in texts]
        return torch.nn.functional.normalize(torch.stack(draws), dim=1)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "tvdrnet_nv" / "embeddings"


def test_another_process_encodes_its_sentence_alone(cache: Path) -> None:
    first, second = Encoder("a"), Encoder("a")
    texts = ["chair", "a sentence", "wash my hands"]
    found = Embeddings(first)(texts)
    assert sorted(first.asked) == sorted([*vocabulary(), "a sentence"])
    assert torch.equal(Embeddings(second)(texts), found)
    assert second.asked == ["a sentence"]
    torch.testing.assert_close(found, Encoder(None).encode(texts), rtol=0, atol=0)
    assert len(list(cache.iterdir())) == 1


def test_another_model_has_its_own_and_one_that_may_change_has_none(cache: Path) -> None:
    for digest, files in (("a", 1), ("b", 2), (None, 2)):
        encoder = Encoder(digest)
        embeddings = Embeddings(encoder)
        embeddings(["chair", "couch"])
        embeddings(["couch"])
        assert encoder.asked.count("couch") == 1
        assert ("wash my hands" in encoder.asked) == (digest is not None)
        assert len(list(cache.iterdir())) == files
