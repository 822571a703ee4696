"""Models of pictures and text, saved to and loaded from disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tests.language.tiny_models import save_clip, save_siglip
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.language import load_image_text_encoder

pytest.importorskip("transformers")

TEXTS = ["the sofa", "a chair", "a view of the room and a word and a word and a word and a word and more words", ""]
SAVE = {"clip": save_clip, "siglip": save_siglip}


@pytest.fixture(scope="module", params=list(SAVE))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return SAVE[request.param](tmp_path_factory.mktemp(request.param))


def test_embeddings_are_unit_and_do_not_depend_on_the_batch(folder: Path) -> None:
    encoder = load_image_text_encoder(folder)
    found = encoder.encode(TEXTS)
    assert found.shape == (len(TEXTS), encoder.size)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.norm(dim=1), torch.ones(len(TEXTS)))
    torch.testing.assert_close(encoder.encode(TEXTS[:1])[0], found[0])
    assert float((found[0] - found[1]).abs().max()) > 1e-3
    assert encoder.encode([]).shape == (0, encoder.size)
    pictures = torch.rand(3, 40, 50, 3)
    seen = encoder.encode_pictures(pictures)
    torch.testing.assert_close(seen.norm(dim=1), torch.ones(3))
    torch.testing.assert_close(encoder.encode_pictures(pictures[1:2])[0], seen[1])


def test_they_are_those_of_the_librarys_own_classes(folder: Path) -> None:
    import transformers

    encoder = load_image_text_encoder(folder)
    config = transformers.AutoConfig.from_pretrained(folder)
    name = {"clip": "CLIPModel", "siglip": "SiglipModel"}[config.model_type]
    model = getattr(transformers, name).from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    pictures = torch.randint(0, 256, (2, 40, 50, 3), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    if name == "CLIPModel":
        from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil as Processor

        tokens = tokenizer(TEXTS[:2], padding=True, return_tensors="pt")
    else:
        from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil as Processor

        tokens = tokenizer(TEXTS[:2], padding="max_length", max_length=12, return_tensors="pt")
        del tokens["attention_mask"]
        tokens.pop("token_type_ids", None)
    seen = Processor.from_pretrained(folder)(list(pictures.numpy()), return_tensors="pt")
    with torch.no_grad():
        wanted = model(**tokens, pixel_values=seen["pixel_values"])
    torch.testing.assert_close(encoder.encode(TEXTS[:2]), wanted.text_embeds)
    # Their pictures are rounded to 8 bits on the way.
    cosines = (encoder.encode_pictures(pictures.float() / 255) * wanted.image_embeds).sum(1)
    assert float(cosines.min()) > 0.9999
    assert encoder.scale == pytest.approx(float(model.logit_scale.detach().exp()))


def test_settings_as_newer_files_nest_them(tmp_path: Path) -> None:
    plain, nested = save_clip(tmp_path / "plain"), save_clip(tmp_path / "nested", nested=True)
    pictures = torch.rand(1, 40, 50, 3)
    found = [load_image_text_encoder(path).encode_pictures(pictures) for path in (plain, nested)]
    torch.testing.assert_close(*found)


def test_in_float64_the_gradient_is_that_of_differences(folder: Path) -> None:
    encoder = load_image_text_encoder(folder, dtype=torch.float64)
    assert encoder.encode(TEXTS).dtype == torch.float64
    random = torch.Generator().manual_seed(0)
    picture = (torch.rand(1, 12, 12, 3, dtype=torch.float64, generator=random) * 0.8 + 0.1).requires_grad_()
    text = encoder.encode(TEXTS[:1])[0]
    assert torch.autograd.gradcheck(lambda x: encoder.encode_pictures(x) @ text, picture)


def test_no_weight_asks_for_a_gradient(folder: Path) -> None:
    encoder = load_image_text_encoder(folder)
    assert not encoder.encode(TEXTS).requires_grad
    assert not encoder.encode_pictures(torch.rand(1, 8, 8, 3)).requires_grad


def test_broken_models_are_one_line(tmp_path: Path) -> None:
    def refused(model: Path | str, words: str) -> None:
        with pytest.raises(InputError, match=words) as caught:
            load_image_text_encoder(model)
        assert "\n" not in str(caught.value)

    refused(" ", "is empty")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", r"empty: the folder has no config.json and no open_clip_config.json")
    folder = save_clip(tmp_path / "clip")
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:100])
    refused(folder, "clip: cannot be loaded")
    (folder / "model.safetensors").write_bytes(weights)
    config = json.loads((folder / "config.json").read_text())
    config["projection_dim"] = 20
    (folder / "config.json").write_text(json.dumps(config))
    refused(folder, "clip: ")
    config |= {"projection_dim": 24, "model_type": "bert"}
    (folder / "config.json").write_text(json.dumps(config))
    refused(folder, "is of the type bert; give one of the type clip or siglip")
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "clip"}))
    (folder / "preprocessor_config.json").unlink()
    refused(folder, "clip: cannot be loaded")


def test_a_missing_weight_is_not_made_up(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = save_clip(tmp_path / "clip")
    weights = load_file(folder / "model.safetensors")
    del weights["visual_projection.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InputError, match=r"1 of its weights are missing .* visual_projection.weight; get the model's"):
        load_image_text_encoder(folder)


def test_without_transformers_it_says_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = save_clip(tmp_path / "clip")
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(InputError, match=r"needs transformers; type: pip install 'tvdrnet_nv\[text\]'"):
        load_image_text_encoder(folder)
