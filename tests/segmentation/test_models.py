"""Segmenters of transformers: small models of the real classes, saved to and loaded from disk."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.segmentation.tiny_models import save_clipseg, save_grounding_dino, save_owlv2, save_sam2, save_sam3
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.language.pretrained import load_pretrained
from tvdrnet_nv.segmentation import detectors, load_segmenter, sam
from tvdrnet_nv.segmentation.clipseg import load_clipseg

pytest.importorskip("transformers")

SAVE = {"clipseg": save_clipseg, "owlv2": save_owlv2, "grounding-dino": save_grounding_dino}
SAVE |= {"sam2": save_sam2, "sam3": save_sam3}
PICTURE = torch.rand(40, 60, 3, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("segmenters")
    return {kind: save(root / kind) for kind, save in SAVE.items()}


@pytest.mark.parametrize("kind", ["clipseg", "owlv2", "grounding-dino", "owlv2+sam2", "grounding-dino+sam2", "sam3"])
def test_scores_have_the_pictures_size(folders: dict[str, Path], kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Random weights are sure of nothing: all that they find counts here.
    for module, name in ((detectors, "_OWL_LEAST"), (detectors, "_DINO_LEAST"), (sam, "_LEAST")):
        monkeypatch.setattr(module, name, -1.0)
    parts = kind.split("+")
    segmenter = load_segmenter("+".join(f"{part}:{folders[part]}" for part in parts))
    assert segmenter.name == "+".join(f"{part}:{folders[part]}" for part in parts)
    scores = segmenter.segment(PICTURE, "the sofa")
    assert scores.shape == (40, 60)
    assert scores.dtype == torch.float32
    assert not scores.requires_grad
    assert float(scores.min()) >= 0
    assert 0 < float(scores.max()) <= 1
    assert torch.equal(segmenter.segment(PICTURE, "the sofa"), scores)


@pytest.mark.parametrize("kind", ["owlv2", "grounding-dino", "sam3"])
def test_what_is_not_found_has_no_score(folders: dict[str, Path], kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((detectors, "_OWL_LEAST"), (detectors, "_DINO_LEAST"), (sam, "_LEAST")):
        monkeypatch.setattr(module, name, 1.0)
    assert not load_segmenter(f"{kind}:{folders[kind]}").segment(PICTURE, "the sofa").any()


def test_clipsegs_logits_are_the_librarys_own(folders: dict[str, Path]) -> None:
    from transformers import AutoTokenizer, CLIPSegForImageSegmentation

    segmenter = load_clipseg(str(folders["clipseg"]), torch.device("cpu"))
    model = CLIPSegForImageSegmentation.from_pretrained(folders["clipseg"]).eval()
    tokens = AutoTokenizer.from_pretrained(folders["clipseg"])(["the sofa"], return_tensors="pt")
    picture = PICTURE[:32, :32]  # of the model's size, so that nothing is resized
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    seen = ((picture - mean) / std).movedim(-1, 0)[None]
    with torch.no_grad():
        wanted = model(**tokens, pixel_values=seen).logits
    torch.testing.assert_close(segmenter.logits(picture[None], "the sofa"), wanted.reshape(1, 32, 32))


def test_clipsegs_gradient_is_that_of_differences(folders: dict[str, Path]) -> None:
    segmenter = load_clipseg(str(folders["clipseg"]), torch.device("cpu"), torch.float64)
    picture = (PICTURE[None, :8, :8].double() * 0.8 + 0.1).requires_grad_()
    weights = torch.rand(1, 8, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    loss = (segmenter.logits(picture, "the sofa") * weights).sum()
    (gradient,) = torch.autograd.grad(loss, picture)
    way = torch.rand(picture.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2)) - 0.5
    with torch.no_grad():
        ends = [(segmenter.logits(picture + step * way, "the sofa") * weights).sum() for step in (1e-5, -1e-5)]
    assert float((gradient * way).sum()) == pytest.approx(float((ends[0] - ends[1]) / 2e-5), rel=1e-5)


def test_sentences_change_what_is_found(folders: dict[str, Path]) -> None:
    segmenter = load_segmenter(f"clipseg:{folders['clipseg']}")
    assert not torch.equal(segmenter.segment(PICTURE, "the sofa"), segmenter.segment(PICTURE, "a chair"))


def test_broken_models_are_one_line(folders: dict[str, Path], tmp_path: Path) -> None:
    def refused(text: str, words: str) -> None:
        with pytest.raises(InputError, match=words) as caught:
            load_segmenter(text)
        assert "\n" not in str(caught.value)

    refused(f"clipseg:{folders['owlv2']}", "segmenter clipseg .* is of the type owlv2; give one of the type clipseg")
    refused(f"owlv2:{folders['owlv2']}+sam2:{folders['clipseg']}", "is of the type clipseg; give one of the type sam2")
    (tmp_path / "empty").mkdir()
    for kind in ("clipseg", "owlv2", "grounding-dino", "sam3"):
        refused(f"{kind}:{tmp_path / 'empty'}", f"segmenter {kind} .*empty: cannot be loaded")
    for text in ("", "yolo:folder", "clipseg", "clipseg:", "sam2:folder", "owlv2:a+sam2:", "clipseg:a+sam2:b"):
        refused(text, "is empty" if not text else "wanted rooms, rooms:FILE, clipseg:MODEL")


def test_a_class_that_transformers_lacks_is_named(folders: dict[str, Path]) -> None:
    with pytest.raises(InputError, match=r"has no Sam9Model; type: pip install -U transformers"):
        load_pretrained(
            str(folders["sam3"]), {"sam3": "Sam9Model"}, "segmenter", dtype=torch.float32, device=torch.device("cpu")
        )
