"""The picture to match, as the objective wants it."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from tvdrnet_nv.errors import InputError


def read_target(path: Path, field: str = "target") -> np.ndarray:
    """Any picture as RGB: transparency over white, grey as equal channels, 16 bits kept, a film's first frame.

    Args:
        path: the picture.
        field: of the job, for messages.

    Returns:
        float32 `[H, W, 3]` in 0..1, row 0 at the top.

    Raises:
        InputError: the file is missing or no picture.
    """
    if not path.is_file():
        raise InputError(f"`{field}` {path}: {'is a folder' if path.is_dir() else 'no such file'}; name a picture")
    try:
        # A large picture is no attack here: the user chose it.
        with (
            warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning),
            Image.open(path) as file,
        ):
            picture = ImageOps.exif_transpose(file)
            if picture.mode.startswith("I") or picture.mode == "F":
                grey = np.asarray(picture, dtype=np.float32) / (1 if picture.mode == "F" else 65535)
                return np.clip(np.repeat(grey[..., None], 3, axis=2), 0, 1)
            rgba = np.asarray(picture.convert("RGBA"), dtype=np.float32) / 255
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"`{field}` {path}: cannot be read as a picture; give a PNG or JPEG") from error
    return rgba[..., :3] * rgba[..., 3:] + (1 - rgba[..., 3:])


def read_mask(path: Path, size: tuple[int, int]) -> np.ndarray:
    """A picture's brightness, float32 `[H, W]` in 0..1: how much each of the target's pixels counts.

    Raises:
        InputError: the file is missing or no picture, of another size than the target's `size`, or black.
    """
    mask = read_target(path, field="mask").mean(axis=2)
    if mask.shape != size:
        height, width = mask.shape
        raise InputError(
            f"`mask` {path}: is {width}×{height}, but the target is {size[1]}×{size[0]}; give a mask of that size"
        )
    if not mask.any():
        raise InputError(
            f"`mask` {path}: is all black, so no pixel of the target counts; make the pixels that count white"
        )
    return mask
