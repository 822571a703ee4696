"""Pictures as tensors, arrays, PIL images and files; what cannot be one is refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import as_mask, as_picture, read_picture

BYTES = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
WANTED = torch.from_numpy(BYTES).float() / 255


@pytest.fixture
def file(tmp_path: Path) -> Path:
    Image.fromarray(BYTES).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


def test_one_picture_from_all_kinds_of_sources(file: Path) -> None:
    sources = [WANTED, WANTED.numpy(), BYTES, torch.from_numpy(BYTES), Image.fromarray(BYTES), file, str(file)]
    for source in [*sources, (BYTES.astype(np.uint16) * 257)]:
        picture = as_picture(source, "target")
        assert picture.dtype == torch.float32
        torch.testing.assert_close(picture, WANTED, atol=1e-6, rtol=0)
    assert torch.equal(torch.from_numpy(read_picture(file)), WANTED)


def test_an_array_in_another_order_of_bytes_or_turned_is_the_same_picture() -> None:
    values = np.random.default_rng(0).uniform(size=(3, 4, 3)).astype(np.float32)
    for same in (values.astype(">f4"), np.asfortranarray(values), values[::-1][::-1]):
        assert torch.equal(as_picture(same, "target"), torch.from_numpy(values))


def test_a_tensor_of_floats_stays_itself() -> None:
    double = WANTED.double()
    assert as_picture(double, "target") is double
    bright = 1.6 * torch.ones(2, 2, 3)  # what a render may hold
    assert as_picture(bright, "target") is bright


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (torch.zeros(0, 4, 3), ValueError, r"target has no pixels: its shape is \[0, 4, 3\]"),
        (3, TypeError, "target must be a tensor, an array, a PIL image or a path; got int"),
        (torch.zeros(4), ValueError, r"target must have shape \[H, W, 3\], .* got \[4\]$"),
        (torch.zeros(3, 4, 5), ValueError, r"got \[3, 4, 5\]; use permute\(1, 2, 0\)"),
        (torch.zeros(4, 4, 3, dtype=torch.int64), TypeError, "floats in 0 to 1, or whole numbers of 8 or 16 bits"),
        (np.zeros((4, 4, 3), complex), TypeError, "floats in 0 to 1, or whole numbers of 8 or 16 bits; got complex128"),
        (np.zeros((4, 4, 3), object), TypeError, "floats in 0 to 1, or whole numbers of 8 or 16 bits; got object"),
        (torch.full((4, 4, 3), torch.nan), ValueError, "target has values that are not finite"),
        (torch.full((4, 4, 3), torch.inf), ValueError, "target has values that are not finite"),
        (255 * torch.rand(4, 4, 3), ValueError, r"wanted 0 to 1; divide by 255"),
        (2 * torch.rand(4, 4, 3, generator=torch.Generator().manual_seed(0)) - 1, ValueError, "undo its normalisation"),
        (torch.zeros(4, 5, 5), ValueError, r"got \[4, 5, 5\]; use permute\(1, 2, 0\)"),
        (torch.tensor([1, 1, 1, 1.5]).expand(4, 4, 4), ValueError, "target has alpha from 1.5 to 1.5, wanted 0 to 1"),
        (torch.tensor([1, 1, 1, -0.5]).expand(4, 4, 4), ValueError, "target has alpha from -0.5 to -0.5"),
        (torch.tensor([1.0, 1, 1, 0]).expand(4, 4, 4), ValueError, "target is transparent everywhere, so no pixel"),
    ],
)
def test_what_is_no_picture_is_refused(value: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        as_picture(value, "target")


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("text")
    for name, message in (("no.png", "no such file"), ("text.png", "cannot be read as a picture"), ("", "is a folder")):
        with pytest.raises(InputError, match=message):
            as_picture(tmp_path / name, "target")


def test_a_picture_of_floats_in_levels_is_refused(tmp_path: Path) -> None:
    levels = np.linspace(0, 255, 12, dtype=np.float32).reshape(3, 4)
    Image.fromarray(levels).save(tmp_path / "levels.tif")
    with pytest.raises(
        InputError, match=r"levels\.tif: a picture of floats has values from 0 to 255, .* divide by 255"
    ):
        as_picture(tmp_path / "levels.tif", "target")
    Image.fromarray(levels / 255).save(tmp_path / "shares.tif")
    assert float(as_picture(tmp_path / "shares.tif", "target").max()) == 1.0


def test_a_picture_of_more_than_16_bits_is_refused(tmp_path: Path) -> None:
    for levels, said in (([[0, 255_000]], "0 to 255000"), ([[-1, 9]], "-1 to 9")):
        Image.fromarray(np.array(levels, np.int32)).save(tmp_path / "levels.tif")
        with pytest.raises(
            InputError, match=rf"levels\.tif: a picture of 32 bits a pixel has values from {said}, wanted"
        ):
            as_picture(tmp_path / "levels.tif", "target")
    for kind in (np.int32, np.uint16):
        Image.fromarray(np.array([[0, 65535]], kind)).save(tmp_path / "levels.tif")
        assert as_picture(tmp_path / "levels.tif", "target").tolist() == [[[0.0] * 3, [1.0] * 3]]


@pytest.fixture
def translucent() -> np.ndarray:
    """[5, 7, 4] bytes: alpha from 0 to 255 down the rows."""
    alpha = np.linspace(0, 255, 5).round().astype(np.uint8)
    return np.concatenate([BYTES, np.broadcast_to(alpha[:, None, None], (5, 7, 1))], 2)


def test_alpha_stands_beside_the_pictures_own_colours(translucent: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(translucent).save(tmp_path / "rgba.png")
    wanted = torch.from_numpy(translucent).float() / 255
    sources = [wanted, wanted.numpy(), translucent, Image.fromarray(translucent), tmp_path / "rgba.png"]
    for source in sources:
        torch.testing.assert_close(as_picture(source, "target"), wanted, atol=1e-6, rtol=0)
    assert np.array_equal(read_picture(tmp_path / "rgba.png"), wanted.numpy())
    translucent[..., 3] = 255
    for source in (translucent, Image.fromarray(translucent), torch.from_numpy(translucent).double() / 255):
        assert as_picture(source, "target").shape == (5, 7, 3)


def test_grey_and_palette_pictures_have_alpha_too(tmp_path: Path) -> None:
    levels, alpha = np.array([[0, 51, 255]], np.uint8), np.array([[255, 102, 0]], np.uint8)
    Image.fromarray(np.stack([levels, alpha], 2), "LA").save(tmp_path / "grey.png")
    wanted = np.concatenate([np.repeat(levels[..., None], 3, 2), alpha[..., None]], 2) / np.float32(255)
    np.testing.assert_allclose(read_picture(tmp_path / "grey.png"), wanted, atol=1e-6)
    palette = Image.fromarray(np.array([[0, 1]], np.uint8), "P")
    palette.putpalette([255, 0, 0, 0, 255, 0])
    palette.save(tmp_path / "palette.png", transparency=1)
    assert read_picture(tmp_path / "palette.png").tolist() == [[[1, 0, 0, 1], [0, 1, 0, 0]]]


def test_a_masks_transparent_pixels_are_black(translucent: np.ndarray) -> None:
    white = translucent.copy()
    white[..., :3] = 255
    alpha = torch.from_numpy(translucent[..., 3]).float() / 255
    torch.testing.assert_close(as_mask(white, "mask"), alpha)
    torch.testing.assert_close(as_mask(Image.fromarray(translucent), "mask"), alpha * WANTED.mean(2))


def test_masks(file: Path) -> None:
    torch.testing.assert_close(as_mask(file, "mask"), WANTED.mean(2))
    assert torch.equal(as_mask(np.eye(4, dtype=bool), "mask"), torch.eye(4))
    with pytest.raises(ValueError, match=r"mask must have shape \[H, W\]; got \[2, 3, 4, 5\]"):
        as_mask(torch.zeros(2, 3, 4, 5), "mask")


def test_one_channel_is_grey():
    grey = np.arange(0, 240, 20, dtype=np.uint8).reshape(3, 4)
    picture = as_picture(grey, "target")
    assert torch.equal(picture, torch.from_numpy(grey)[..., None].expand(3, 4, 3) / 255)
