"""Models of open_clip, by name and file, and from a folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.language.tiny_models import open_clip_config
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.language import load_image_text_encoder


@pytest.fixture(scope="module")
def open_clip() -> Any:
    """The library; skips aloud where it is not installed, or its torchvision is for another torch."""
    try:
        import open_clip
    except Exception as error:  # torchvision raises what it likes
        pytest.skip(f"open_clip cannot be imported: {error}")
    return open_clip


@pytest.fixture(scope="module")
def named(open_clip: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, torch.nn.Module]:
    """A name that open_clip knows, a file of weights, and the model."""
    folder = tmp_path_factory.mktemp("open_clip")
    (folder / "tiny.json").write_text(json.dumps(open_clip_config()))
    open_clip.add_model_config(folder)
    torch.manual_seed(0)
    model = open_clip.create_model("tiny")
    torch.save(model.state_dict(), folder / "weights.pt")
    return "tiny", folder / "weights.pt", model.eval()


def test_a_name_and_a_file_are_the_model(open_clip: Any, named: tuple[str, Path, torch.nn.Module]) -> None:
    name, file, model = named
    encoder = load_image_text_encoder(f"{name}={file}")
    texts = ["the sofa", "a chair", "a word " * 40]
    with torch.no_grad():
        wanted = model.encode_text(open_clip.get_tokenizer(name)(texts), normalize=True)  # type: ignore[operator]
    torch.testing.assert_close(encoder.encode(texts), wanted)
    assert encoder.encode([]).shape == (0, encoder.size)
    assert encoder.picture_size == (32, 32)
    assert encoder.scale == pytest.approx(float(model.logit_scale.detach().exp()))  # type: ignore[operator]
    from PIL import Image

    picture = torch.randint(0, 256, (40, 50, 3), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    transform = open_clip.image_transform(32, is_train=False)
    with torch.no_grad():
        seen = model.encode_image(transform(Image.fromarray(picture.numpy()))[None], normalize=True)  # type: ignore[operator]
    assert float((encoder.encode_pictures(picture[None].float() / 255) * seen).sum()) > 0.9999


def test_a_folder_is_the_model(named: tuple[str, Path, torch.nn.Module], tmp_path: Path) -> None:
    name, file, model = named
    settings = {"mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bilinear", "resize_mode": "squash"}
    config = {"model_cfg": open_clip_config(), "preprocess_cfg": settings}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    torch.save(model.state_dict(), tmp_path / "open_clip_pytorch_model.bin")
    encoder, other = load_image_text_encoder(tmp_path), load_image_text_encoder(f"{name}={file}")
    torch.testing.assert_close(encoder.encode(["the sofa"]), other.encode(["the sofa"]))
    pictures = torch.rand(1, 40, 50, 3)
    assert float((encoder.encode_pictures(pictures) - other.encode_pictures(pictures)).abs().max()) > 1e-4


def test_in_float64_the_gradient_is_that_of_differences(named: tuple[str, Path, torch.nn.Module]) -> None:
    encoder = load_image_text_encoder(f"{named[0]}={named[1]}", dtype=torch.float64)
    random = torch.Generator().manual_seed(0)
    picture = (torch.rand(1, 12, 12, 3, dtype=torch.float64, generator=random) * 0.8 + 0.1).requires_grad_()
    text = encoder.encode(["the sofa"])[0]
    assert torch.autograd.gradcheck(lambda x: encoder.encode_pictures(x) @ text, picture)


def test_what_cannot_be_loaded_is_one_line(named: tuple[str, Path, torch.nn.Module], tmp_path: Path) -> None:
    name, file, _ = named
    broken = tmp_path / "broken.pt"
    broken.write_bytes(file.read_bytes()[:1000])
    other = tmp_path / "other.pt"
    torch.save({"one": torch.zeros(1)}, other)
    for model, words in {
        f"{name}={tmp_path}/none.pt": "there is no file",
        f"unknown={file}": "open_clip knows no model unknown",
        f"{name}={broken}": "cannot be loaded",
        f"{name}={other}": "cannot be loaded",
    }.items():
        with pytest.raises(InputError, match=words) as caught:
            load_image_text_encoder(model)
        assert "\n" not in str(caught.value)


def test_without_open_clip_it_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "open_clip", None)
    with pytest.raises(InputError, match=r"needs open_clip; type: pip install 'tvdrnet_nv\[clip\]'"):
        load_image_text_encoder("ViT-B-32=weights.pt")
