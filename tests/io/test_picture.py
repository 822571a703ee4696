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


def test_a_tensor_of_floats_stays_itself() -> None:
    double = WANTED.double()
    assert as_picture(double, "target") is double
    bright = 1.6 * torch.ones(2, 2, 3)  # what a render may hold
    assert as_picture(bright, "target") is bright


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (3, TypeError, "target must be a tensor, an array, a PIL image or a path; got int"),
        (torch.zeros(4, 4), ValueError, r"target must have shape \[H, W, 3\]; got \[4, 4\]$"),
        (torch.zeros(3, 4, 5), ValueError, r"got \[3, 4, 5\]; use permute\(1, 2, 0\)"),
        (torch.zeros(4, 4, 3, dtype=torch.int64), TypeError, "floats in 0 to 1, or whole numbers of 8 or 16 bits"),
        (torch.full((4, 4, 3), torch.nan), ValueError, "target has values that are not finite"),
        (torch.full((4, 4, 3), torch.inf), ValueError, "target has values that are not finite"),
        (255 * torch.rand(4, 4, 3), ValueError, r"wanted 0 to 1; divide by 255"),
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


def test_masks(file: Path) -> None:
    torch.testing.assert_close(as_mask(file, "mask"), WANTED.mean(2))
    assert torch.equal(as_mask(np.eye(4, dtype=bool), "mask"), torch.eye(4))
    with pytest.raises(ValueError, match=r"mask must have shape \[H, W\]; got \[2, 3, 4, 5\]"):
        as_mask(torch.zeros(2, 3, 4, 5), "mask")
