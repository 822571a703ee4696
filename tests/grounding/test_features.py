"""Features of vertices: which patch fits a sentence, and which files are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from tests.grounding.test_scene import two_squares
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding.features import feature_parts, load_features, relevancy
from tvdrnet_nv.language import load_text_encoder

FILE = Path("features.npy")


def features_of(*texts: str, noise: float = 0.4) -> torch.Tensor:
    """[36 · N, Q]: 36 vertices for each text, with its embedding and noise of a given length."""
    made = torch.Generator().manual_seed(0)
    exact = load_text_encoder().encode(texts).repeat_interleave(36, 0)
    spread = torch.randn(exact.shape, generator=made)
    return 3 * (exact + noise * spread / spread.norm(dim=1, keepdim=True))


def test_the_patch_of_the_sentence_is_found_whatever_the_features_length() -> None:
    mesh = two_squares()
    values = relevancy(mesh, features_of("a sofa", "a bathtub"), "take a bath", load_text_encoder(), FILE)
    parts = feature_parts(mesh, values)
    assert len(parts) == 1
    assert parts[0].vertices.min() >= 36
    assert len(parts[0].vertices) > 30
    assert float(values[:36].max()) < 0.5 < float(values[36:].mean())


def test_what_is_nearer_to_other_words_is_not_meant() -> None:
    mesh = two_squares()
    values = relevancy(mesh, features_of("a sofa", "a window"), "a dinosaur", load_text_encoder(), FILE)
    assert feature_parts(mesh, values) == []


def test_features_of_nothing_are_refused() -> None:
    mesh, features = two_squares(), features_of("a sofa", "a bathtub")
    for value in (torch.nan, 0.0, torch.inf):
        with pytest.raises(InputError, match=r"features.npy: all features are zero or not finite \(NaN\)"):
            relevancy(mesh, torch.full_like(features, value), "a sofa", load_text_encoder(), FILE)


def test_vertices_without_a_feature_take_their_neighbours() -> None:
    mesh, features = two_squares(), features_of("a sofa", "a bathtub", noise=0.0)
    features[40:44] = 0.0
    features[50] = torch.nan
    values = relevancy(mesh, features, "bathtub", load_text_encoder(), FILE)
    assert values.isfinite().all()
    assert float(values[36:].min()) > 0.5


def test_another_size_is_refused() -> None:
    encoder = load_text_encoder()
    with pytest.raises(InputError, match="features of 5 vertices, but the scene has 72"):
        relevancy(two_squares(), torch.ones(5, 384), "sofa", encoder, FILE)
    with pytest.raises(InputError, match="features of 512 numbers, but all-MiniLM-L6-v2 gives 384"):
        relevancy(two_squares(), torch.ones(72, 512), "sofa", encoder, FILE)


def test_files_of_all_kinds_give_the_same(tmp_path: Path) -> None:
    values = torch.arange(12.0).reshape(4, 3)
    np.save(tmp_path / "a.npy", values.half().numpy())
    torch.save(values, tmp_path / "a.pt")
    save_file({"features": values}, tmp_path / "a.safetensors")
    for name in ("a.npy", "a.pt", "a.safetensors"):
        found = load_features(tmp_path / name)
        assert found.dtype == (torch.float16 if name == "a.npy" else torch.float32)
        torch.testing.assert_close(found.float(), values)


def test_other_files_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "flat.npy", np.ones(4))
    save_file({"a": torch.ones(2, 2), "b": torch.ones(2, 2)}, tmp_path / "two.safetensors")
    (tmp_path / "broken.pt").write_bytes(b"no tensor")
    with pytest.raises(InputError, match=r"no\.npy: no such file"):
        load_features(tmp_path / "no.npy")
    with pytest.raises(InputError, match=r"flat\.npy: wanted one array of numbers \[V, Q\].*got \[4\]"):
        load_features(tmp_path / "flat.npy")
    with pytest.raises(InputError, match=r"two\.safetensors: wanted one array"):
        load_features(tmp_path / "two.safetensors")
    with pytest.raises(InputError, match=r"broken\.pt: cannot be read"):
        load_features(tmp_path / "broken.pt")
