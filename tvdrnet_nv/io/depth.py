"""Depth pictures: how far away what a pixel shows is, along the camera's axis."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.choices import DepthUnit
from tvdrnet_nv.errors import InputError

_FAR = 100.0  # a median above it is hardly in metres
_WANTED = "give a PNG of 16 bits, or numbers in .npy, .tif or .exr"


def read_depth(path: str | os.PathLike[str], unit: str | None = None) -> np.ndarray:
    """Read a depth picture.

    Args:
        path: `.npy`; or a picture of one channel, of 16 bits or of floats (EXR where imageio can read it).
        unit: "mm" or "m", of the file's numbers. By default whole numbers are millimetres, and floats are metres.

    Returns:
        float32 [H, W], metres, row 0 at the top; 0 where it is unknown: where the file has 0, what is not finite, or
        the largest whole number of 16 bits.

    Raises:
        InputError: the file is missing or no depth picture, has negative numbers or none that is known, or floats of
            which the median is above 100 without a unit.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}; name a depth picture")
    values = _numbers(path)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    if values.ndim != 2 or 0 in values.shape or values.dtype.kind not in "iuf" or values.dtype.itemsize < 2:
        found = f"{list(values.shape)} numbers of {values.dtype}"
        raise InputError(f"{path}: holds {found}, which is no depth picture of one channel; {_WANTED}")
    whole = values.dtype.kind in "iu"
    depth = values.astype(np.float64)
    depth[~np.isfinite(depth) | ((values == 65535) if whole else False)] = 0
    if (depth < 0).any():
        raise InputError(f"{path}: has negative depths; give distances along the camera's axis, 0 where unknown")
    known = depth[depth > 0]
    if not known.size:
        raise InputError(f"{path}: has no known depth; give distances above 0 where they are known")
    if unit is None and not whole and float(np.median(known)) > _FAR:
        raise InputError(
            f"{path}: has a median of {np.median(known):.4g}, and does not say in which unit; give `depth_unit` mm or m"
        )
    millimetres = unit == DepthUnit.mm or (unit is None and whole)
    return (depth / 1000 if millimetres else depth).astype(np.float32)


def as_depth(value: Any, name: str) -> Tensor:
    """Return [H, W] float of a tensor or an array of that shape, or the path of a depth picture; 0 where unknown.

    Raises:
        InputError: a file that cannot be used.
        TypeError: anything else, or another dtype.
        ValueError: another shape, negative numbers, or none that is known.
    """
    if isinstance(value, str | os.PathLike):
        value = read_depth(value)
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(np.ascontiguousarray(value).copy())
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a tensor, an array or a path; got {type(value).__name__}")
    if not value.is_floating_point():
        raise TypeError(f"{name} must be floats in scene units; got {value.dtype}")
    if value.dim() != 2:
        raise ValueError(f"{name} must have shape [H, W]; got {list(value.shape)}")
    depth = torch.where(value.isfinite(), value, 0.0)
    if bool((depth < 0).any()):
        raise ValueError(f"{name} has negative values; give distances along the camera's axis, 0 where unknown")
    if not bool((depth > 0).any()):
        raise ValueError(f"{name} has no known value; give distances above 0 where they are known")
    return depth


def _numbers(path: Path) -> np.ndarray:
    """What stands in the file."""
    suffix = path.suffix.lower()
    try:
        if suffix == ".npy":
            return np.load(path, allow_pickle=False)
        if suffix == ".exr":
            import imageio.v3

            return np.asarray(imageio.v3.imread(path))
        from PIL import Image

        with Image.open(path) as image:
            return np.asarray(image)
    except ImportError as error:
        raise InputError(f"{path}: {error.name} is needed to read it; save the depth as .npy") from error
    except Exception as error:  # the readers' own kinds
        other = "; save it as .npy" if suffix == ".exr" else f"; {_WANTED}"
        raise InputError(f"{path}: cannot be read as a depth picture{other}") from error
