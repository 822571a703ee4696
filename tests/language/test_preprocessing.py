"""What a model sees of a picture, against the processors of the libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.language.open_clip_models import preprocessing_of as open_clips
from tvdrnet_nv.language.preprocessing import Fit, Preprocessing, Rounding
from tvdrnet_nv.language.transformers_models import preprocessing_of

# Their processors round to 8 bits after each of the two passes of a resize, half a grey level each time.
LEVELS = 1.25
SIZES = [(60, 90), (90, 61), (20, 30), (48, 48), (33, 200)]
PLAIN = {"image_mean": [0.48, 0.46, 0.41], "image_std": [0.27, 0.26, 0.28], "do_rescale": True, "do_normalize": True}
SETTINGS = {
    "clip": {"size": {"shortest_edge": 48}, "crop_size": {"height": 48, "width": 48}, "resample": 3},
    "small crop": {"size": {"shortest_edge": 48}, "crop_size": {"height": 31, "width": 30}, "resample": 2},
    "siglip": {"size": {"height": 40, "width": 56}, "do_center_crop": False, "resample": 3},
    "not rescaled": {"size": {"height": 40, "width": 40}, "do_center_crop": False, "do_rescale": False},
}


def noise(height: int, width: int) -> np.ndarray:
    """Sharp edges beside smooth colours, [H, W, 3] uint8.

    None is so dark or so bright that a cubic filter overshoots beyond black or white: there Pillow 13 and torchvision
    differ by 20 levels, as they go across and down in another order.
    """
    random = np.random.default_rng(height * width)
    smooth = np.linspace(50, 200, height * width * 3).reshape(height, width, 3)
    return np.where(random.uniform(size=(height, width, 1)) < 0.5, smooth, 100 * random.uniform(size=3) + 75).astype(
        "uint8"
    )


def assert_alike(found: Preprocessing, wanted: np.ndarray, picture: np.ndarray) -> None:
    seen = found(torch.from_numpy(picture)[None].double() / 255)
    assert seen.shape == (1, 3, *wanted.shape[-2:])
    assert seen.shape[2:] == found.seen
    std = torch.tensor(found.std, dtype=torch.float64)[:, None, None] * 255 / found.scale
    levels = (seen - torch.from_numpy(wanted)) * std
    assert float(levels.abs().max()) < LEVELS
    assert float(levels.abs().mean()) < 0.5
    assert abs(float(levels.mean())) < 0.05


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", SETTINGS)
def test_it_is_that_of_transformers_processor(name: str, size: tuple[int, int]) -> None:
    clip = pytest.importorskip("transformers.models.clip.image_processing_pil_clip")
    settings = {**PLAIN, "do_center_crop": True, **SETTINGS[name]}
    processor = clip.CLIPImageProcessorPil(**settings)
    picture = noise(*size)
    wanted = np.asarray(processor(picture, return_tensors="np", input_data_format="channels_last")["pixel_values"])
    assert_alike(preprocessing_of(processor.to_dict(), "here"), wanted, picture)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize(
    ("mode", "target"), [("shortest", 48), ("shortest", (40, 56)), ("longest", 48), ("squash", 48)]
)
def test_it_is_that_of_open_clips_transform(
    mode: str, target: int | tuple[int, int], interpolation: str, size: tuple[int, int]
) -> None:
    transform = open_clip_transform()
    from PIL import Image

    settings: dict[str, Any] = {"mean": (0.48, 0.46, 0.41), "std": (0.27, 0.26, 0.28), "interpolation": interpolation}
    settings |= {"size": target, "resize_mode": mode, "fill_color": 7}
    theirs = transform.image_transform_v2(transform.PreprocessCfg(**settings), is_train=False)
    picture = noise(*size)
    assert_alike(open_clips(settings, "here"), theirs(Image.fromarray(picture)).numpy()[None], picture)


def open_clip_transform() -> Any:
    """open_clip's module of transforms; skips aloud where it cannot be imported."""
    try:
        import open_clip.transform
    except Exception as error:  # torchvision for another torch raises what it likes
        pytest.skip(f"open_clip cannot be imported: {error}")
    return open_clip.transform


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_overshoot_is_cut_off_as_torchs_resize_of_8_bits_does(size: tuple[int, int]) -> None:
    found = preprocessing_of({**SETTINGS["siglip"], "do_normalize": False}, "here")
    picture = torch.randint(0, 256, (1, *size, 3), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    wanted = functional.interpolate(picture.movedim(-1, 1), (40, 56), mode="bicubic", antialias=True)
    assert float((255 * found(picture.double() / 255) - wanted).abs().max()) < 1.6  # they round a third time


def test_a_crop_that_is_larger_is_filled() -> None:
    clip = pytest.importorskip("transformers.models.clip.image_processing_pil_clip")
    # An even number of pixels is missing: of an odd one, their two backends put the last on different sides.
    settings = {**PLAIN, "size": {"shortest_edge": 24}, "crop_size": {"height": 40, "width": 48}, "resample": 2}
    processor = clip.CLIPImageProcessorPil(**settings)
    picture = noise(60, 90)
    wanted = np.asarray(processor(picture, return_tensors="np", input_data_format="channels_last")["pixel_values"])
    assert_alike(preprocessing_of(processor.to_dict(), "here"), wanted, picture)


def test_its_gradient_is_that_of_differences() -> None:
    clip = preprocessing_of({**PLAIN, "size": {"shortest_edge": 4}, "crop_size": {"height": 3, "width": 4}}, "here")
    picture = torch.rand(1, 6, 7, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 0.8 + 0.1
    assert torch.autograd.gradcheck(clip, picture.requires_grad_())


def test_a_picture_of_the_size_wanted_is_only_normalised() -> None:
    found = Preprocessing((8, 8), Fit.EXACT, "bicubic", None, (0.5, 0.25, 0.0), (0.5, 1.0, 2.0), Rounding.DOWN)
    picture = torch.rand(2, 8, 8, 3)
    wanted = torch.stack([picture[..., 0] * 2 - 1, picture[..., 1] - 0.25, picture[..., 2] / 2], 1)
    torch.testing.assert_close(found(picture), wanted)


def test_values_beyond_white_and_black_are_clamped() -> None:
    found = preprocessing_of({**PLAIN, **SETTINGS["siglip"]}, "here")
    picture = torch.rand(1, 30, 30, 3)
    torch.testing.assert_close(found(picture * 3 - 1), found((picture * 3 - 1).clamp(0, 1)))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"resample": 1}, "file: resample 1 is not known"),
        ({"size": {"longest_edge": 5}}, "file: size {'longest_edge': 5} is not known"),
        ({"size": {"shortest_edge": 5}, "do_center_crop": False}, "needs a centre crop"),
    ],
)
def test_what_is_not_known_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        preprocessing_of(settings, "file")
    with pytest.raises(InputError, match="file: resize mode stretch is not known"):
        open_clips({"size": 8, "mean": [0] * 3, "std": [1] * 3, "resize_mode": "stretch"}, "file")
