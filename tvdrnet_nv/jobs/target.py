"""The picture to match, as the objective wants it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import read_picture


def read_target(path: Path, field: str = "target") -> np.ndarray:
    """`read_picture`, whose messages name the job's field.

    Raises:
        InputError: the file is missing or no picture.
    """
    try:
        return read_picture(path)
    except InputError as error:
        raise InputError(f"`{field}` {error}") from error.__cause__


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
