"""Pictures, from wherever they come, as RGB in [0, 1], and alpha where they have it."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

# Of a normalised picture, -1 to 1 or in deviations, many values are far below 0.
_DARK, _MANY = 0.3, 0.05
_LARGEST = 4.0  # renders are not clamped, and bright light makes colours above 1; 0 to 255 reaches far beyond
_LARGEST_OF_16_BITS = 65535


def read_picture(path: str | os.PathLike[str], *, as_stored: bool = False) -> np.ndarray:
    """Read a picture file: the first frame of a film, turned upright as its EXIF data says; see `pixels_of`.

    Args:
        path: the file.
        as_stored: leave the rows as the file has them, whatever its EXIF data says.

    Returns:
        float32 [H, W, 3] in [0, 1], RGB, row 0 at the top; [H, W, 4] with alpha last where the file has transparency.

    Raises:
        InputError: the file is missing or no picture.
    """
    from PIL import Image, ImageOps

    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: {'is a folder' if path.is_dir() else 'no such file'}; name a picture")
    try:
        # A large picture is no attack here: the user chose it.
        with (
            warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning),
            Image.open(path) as file,
        ):
            upright = file.copy() if as_stored else ImageOps.exif_transpose(file)
            upright.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{path}: cannot be read as a picture; give a PNG or JPEG") from error
    try:
        return pixels_of(upright)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def stored_size(path: Path) -> tuple[int, int] | None:
    """(height, width) of a picture as its file has it, where EXIF data says that it is to be turned; else None."""
    from PIL import ExifTags, Image

    try:
        with Image.open(path) as file:
            turned = file.getexif().get(ExifTags.Base.Orientation, 1) in range(2, 9)
            return (file.height, file.width) if turned else None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None  # which reading the picture says


def pixels_of(image: Image) -> np.ndarray:
    """A PIL image as float32 [H, W, 3] in [0, 1], or [H, W, 4] where its alpha is not 1 everywhere.

    The colours are the image's own, not blended with its alpha. Grey becomes equal channels; 16 bits are kept.

    Raises:
        ValueError: floats that are not finite, or far outside of [0, 1]; whole numbers of more than 16 bits.
    """
    if image.mode == "F":
        grey = np.asarray(image, dtype=np.float32)
        _check_values(torch.from_numpy(grey.copy()), "a picture of floats")
        return np.clip(np.repeat(grey[..., None], 3, axis=2), 0, 1)
    if image.mode.startswith("I"):
        low, high = (int(bound) for bound in (np.asarray(image).min(), np.asarray(image).max()))
        if low < 0 or high > _LARGEST_OF_16_BITS:
            raise ValueError(
                f"a picture of 32 bits a pixel has values from {low} to {high}, wanted 0 to {_LARGEST_OF_16_BITS}; "
                "save it with 8 or 16 bits"
            )
        grey = np.asarray(image, dtype=np.float32) / _LARGEST_OF_16_BITS
        return np.repeat(grey[..., None], 3, axis=2)
    rgba = np.asarray(image.convert("RGBA"), dtype=np.float32) / 255
    return rgba[..., :3] if (rgba[..., 3] == 1).all() else rgba


def as_picture(value: Any, name: str) -> Tensor:
    """Return [H, W, 3] float of a tensor or an array of that shape, a PIL image, or the path of a picture.

    A tensor or an array [H, W] is grey. Where it has alpha as a fourth channel that is not 1 everywhere, return [H,
    W, 4]. Whole numbers of 8 and 16 bits are divided by their largest one. Floats stay as they are.

    Raises:
        InputError: a file that is missing or no picture.
        TypeError: anything else, or another dtype.
        ValueError: another shape, numbers that are not finite, or numbers far outside of [0, 1]; alpha that is outside
            of [0, 1] or zero everywhere.
    """
    picture = _as_floats(value, name)
    if picture.dim() == 2:
        picture = picture[..., None].expand(-1, -1, 3)
    if picture.dim() != 3 or picture.shape[2] not in (3, 4):
        hint = "; use permute(1, 2, 0)" if picture.dim() == 3 and picture.shape[0] in (3, 4) else ""
        wanted = "[H, W, 3], [H, W, 4] with alpha, or [H, W] in grey"
        raise ValueError(f"{name} must have shape {wanted}; got {list(picture.shape)}{hint}")
    if picture.numel() == 0:
        raise ValueError(f"{name} has no pixels: its shape is {list(picture.shape)}")
    _check_values(picture, name)
    if picture.shape[2] == 3 or picture.is_meta:
        return picture
    lowest, highest = (float(bound) for bound in picture[..., 3].detach().aminmax())
    if lowest < 0 or highest > 1:
        raise ValueError(f"{name} has alpha from {lowest:g} to {highest:g}, wanted 0 to 1")
    if highest == 0:
        raise ValueError(f"{name} is transparent everywhere, so no pixel counts; make what counts opaque")
    return picture[..., :3] if lowest == 1 else picture


def as_mask(value: Any, name: str) -> Tensor:
    """Return [H, W] float of a tensor or an array of that shape, or the brightness of what `as_picture` takes.

    The brightness is multiplied by alpha, so that transparent pixels are black.

    Raises:
        As `as_picture`.
    """
    mask = _as_floats(value, name)
    if mask.dim() == 3 and mask.shape[2] in (3, 4):
        mask = brightness(mask)
    if mask.dim() != 2:
        raise ValueError(f"{name} must have shape [H, W]; got {list(mask.shape)}")
    _check_values(mask, name)
    return mask


PixelsT = TypeVar("PixelsT", np.ndarray, Tensor)


def brightness(picture: PixelsT) -> PixelsT:
    """[H, W]: the mean of the three channels of [H, W, 3], multiplied by alpha where there is a fourth one."""
    grey: Any = picture[..., :3].mean(-1)
    return grey if picture.shape[-1] == 3 else grey * picture[..., 3]


def _as_floats(value: Any, name: str) -> Tensor:
    if isinstance(value, str | os.PathLike):
        value = read_picture(value)
    elif hasattr(value, "mode") and hasattr(value, "convert"):  # a PIL image, without importing PIL
        value = pixels_of(value)
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "fiub":
            raise TypeError(f"{name} must be floats in 0 to 1, or whole numbers of 8 or 16 bits; got {value.dtype}")
        # A copy in this machine's order of bytes, which torch needs.
        value = torch.from_numpy(np.array(value, dtype=value.dtype.newbyteorder("="), order="C"))
    if not isinstance(value, Tensor):
        raise TypeError(f"{name} must be a tensor, an array, a PIL image or a path; got {type(value).__name__}")
    if value.dtype in (torch.uint8, torch.uint16):
        return value.float() / torch.iinfo(value.dtype).max
    if value.dtype == torch.bool:
        return value.float()
    if not value.is_floating_point():
        raise TypeError(f"{name} must be floats in 0 to 1, or whole numbers of 8 or 16 bits; got {value.dtype}")
    return value


def _check_values(picture: Tensor, name: str) -> None:
    if picture.is_meta or picture.numel() == 0:
        return  # nothing to look at
    low, high = (float(bound) for bound in picture.detach().aminmax())
    if not (low > -float("inf") and high < float("inf")):
        raise ValueError(f"{name} has values that are not finite; replace them, or leave them out with a mask of zeros")
    if low < 0 and picture.dim() == 3 and float((picture.detach()[..., :3] < -_DARK).float().mean()) > _MANY:
        raise ValueError(f"{name} has values from {low:g} to {high:g}, wanted 0 to 1; undo its normalisation")
    if low < -_LARGEST or high > _LARGEST:
        hint = "; divide by 255" if high <= 255 else ""
        raise ValueError(f"{name} has values from {low:g} to {high:g}, wanted 0 to 1{hint}")
