"""The pictures of a scene file, as a mesh shows them: sides of powers of two, coordinates that wrap."""

from __future__ import annotations

import io
import math
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._sniff import LONGEST, other_kind
from tvdrnet_nv.io.picture import pixels_of

MAX_TEXTURE = 8192  # texels a side
_MANY_TEXELS = 2**24  # of one picture in several colours; beyond it, the colours are the vertices'
_FAR = 2.0**20  # of texture coordinates; beyond it, float32 has no texels left
_TILES = 4  # how far a clamped picture's edge is drawn out

REPEAT, MIRROR, CLAMP = "repeat", "mirror", "clamp"
Wraps = tuple[str, str]  # along u and v


class UnreadablePicture(Exception):
    """A picture that cannot be decoded; the message says why."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture.

    Attributes:
        rgb: [H, W, 3] uint8, resampled to sides of powers of two unless it is as stored; row 0 at v = 0.
        alpha: [H', W'] uint8 in the file's own size, row 0 at v = 0; None where all is opaque.
    """

    rgb: np.ndarray
    alpha: np.ndarray | None


def open_picture(source: Path | bytes, upwards: bool, named_by: Path, as_stored: bool = False) -> Picture:
    """Decode a picture.

    Args:
        source: a file, or its contents.
        upwards: whether v = 0 is the picture's bottom, as in OBJ, or its top, as in glTF.
        named_by: the scene file, for the message.
        as_stored: keep the file's size.

    Raises:
        UnreadablePicture: it is none, or its kind is not known.
        InputError: Pillow is not installed.
    """
    try:
        from PIL import Image
    except ModuleNotFoundError as error:
        raise InputError(
            f"{named_by}: its pictures need Pillow; install it with `pip install 'tvdrnet_nv[formats]'`"
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow: a large picture, odd metadata
            with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
                if image.mode.startswith("I") or image.mode == "F":
                    grey = (pixels_of(image) * 255).round().astype(np.uint8)
                    rgba = Image.fromarray(grey).convert("RGBA")
                else:
                    rgba = image.convert("RGBA")
    except Image.UnidentifiedImageError as error:
        raise UnreadablePicture(f"it is {_kind(source) or 'no picture of a known kind'}") from error
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, MemoryError) as error:
        raise UnreadablePicture(" ".join(str(error).split()) or type(error).__name__) from error
    rgb = rgba.convert("RGB")
    alpha = np.asarray(rgba.getchannel("A"))
    sides = tuple(min(2 ** round(math.log2(side)), MAX_TEXTURE) for side in rgb.size)
    texels = np.asarray(rgb if as_stored or rgb.size == sides else rgb.resize(sides))
    step = -1 if upwards else 1
    return Picture(texels[::step], None if (alpha == 255).all() else alpha[::step])


def _kind(source: Path | bytes) -> str | None:
    if isinstance(source, bytes):
        return other_kind(source)
    with source.open("rb") as file:
        return other_kind(file.read(LONGEST))


class TextureSet:
    """Collects a mesh's pictures; each is kept once for each way in which it is shown."""

    def __init__(self) -> None:
        self.images: list[torch.Tensor] = []
        self._known: dict[tuple[object, ...], int] = {}
        self._kept: list[Picture] = []  # so that their ids stay theirs
        self._variants: dict[int, int] = {}

    def add(
        self, picture: Picture, uv: np.ndarray, wraps: Wraps = (REPEAT, REPEAT), factor: np.ndarray | None = None
    ) -> tuple[int, np.ndarray, np.ndarray]:
        """Take in a picture as some vertices show it.

        Args:
            picture: what `open_picture` gives.
            uv: [V, 2] coordinates, finite.
            wraps: what is shown outside of [0, 1].
            factor: [3] what the picture's linear colours are multiplied with.

        Returns:
            The picture's index, the coordinates in it [V, 2], and what is left of `factor` for the vertices, [3] sRGB.
        """
        ones = np.ones(3)
        factor = ones if factor is None else factor
        tiles = tuple(_tiles(uv[:, axis], wraps[axis], picture.rgb.shape[1 - axis]) for axis in (0, 1))
        for axis, (low, count) in enumerate(tiles):
            if (low, count) != (0, 1):
                clipped = uv[:, axis] if wraps[axis] == MIRROR else np.clip(uv[:, axis], low, low + count)
                uv = uv.copy()
                uv[:, axis] = (clipped - low) / count
        uv = np.clip(uv, -_FAR, _FAR)
        left = ones
        shown = (id(picture), tiles, wraps if tiles != ((0, 1), (0, 1)) else None)
        if (*shown, factor.tobytes()) not in self._known:
            count = self._variants.get(id(picture), 0)
            if count and (count + 1) * picture.rgb.size // 3 > _MANY_TEXELS:
                left, factor = linear_to_srgb(factor), ones
        key = (*shown, factor.tobytes())
        if key not in self._known:
            self._variants[id(picture)] = self._variants.get(id(picture), 0) + 1
            self._kept.append(picture)
            self._known[key] = len(self.images)
            self.images.append(_image(picture.rgb, factor, tiles, wraps))
        return self._known[key], uv, left

    def sample(self, index: int, uv: np.ndarray) -> np.ndarray:
        """[V, 3] colours of the texels at coordinates [V, 2]."""
        image = self.images[index]
        columns, rows = (_texel(uv[:, axis], image.shape[1 - axis]) for axis in (0, 1))
        return image[torch.from_numpy(rows), torch.from_numpy(columns)].numpy()


def _texel(coordinates: np.ndarray, side: int) -> np.ndarray:
    return np.minimum(((coordinates - np.floor(coordinates)) * side).astype(np.int64), side - 1)


def _tiles(coordinates: np.ndarray, wrap: str, side: int) -> tuple[int, int]:
    """(first, count) of the unit lengths that a picture must cover along an axis, so that repeating it is right."""
    if wrap == REPEAT or not len(coordinates):
        return 0, 1
    low, high = float(coordinates.min()), float(coordinates.max())
    if low >= -0.5 / side and high <= 1 + 0.5 / side:
        return 0, 1
    if wrap == MIRROR:
        return 0, 2
    first = -1 if low < 0 else 0
    return first, 2 if high <= first + 2 else _TILES


def _image(rgb: np.ndarray, factor: np.ndarray, tiles: tuple[tuple[int, int], ...], wraps: Wraps) -> torch.Tensor:
    for axis in (0, 1):
        first, count = tiles[axis]
        if count == 1:
            continue
        along = 1 - axis
        if wraps[axis] == MIRROR:
            rgb = np.concatenate([rgb, np.flip(rgb, along)], axis=along)
        else:
            side = rgb.shape[along]
            widths = [(0, 0)] * 3
            widths[along] = (-first * side, (count + first - 1) * side)
            rgb = np.pad(rgb, widths, mode="edge")
        if rgb.shape[along] > MAX_TEXTURE:
            rgb = np.take(rgb, np.arange(0, rgb.shape[along], rgb.shape[along] // MAX_TEXTURE), axis=along)
    table = np.arange(256) / 255
    tables = [table if f == 1 else linear_to_srgb(np.minimum(srgb_to_linear(table) * f, 1)) for f in factor]
    image = np.empty(rgb.shape, dtype=np.float32)
    for channel in range(3):
        image[..., channel] = tables[channel].astype(np.float32)[rgb[..., channel]]
    return torch.from_numpy(image)


def linear_to_srgb(linear: np.ndarray) -> np.ndarray:
    """sRGB values of linear ones in [0, 1] (IEC 61966-2-1)."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 0.0031308) ** (1 / 2.4) - 0.055)


def srgb_to_linear(encoded: np.ndarray) -> np.ndarray:
    """Linear values of sRGB ones in [0, 1] (IEC 61966-2-1)."""
    return np.where(encoded <= 0.04045, encoded / 12.92, ((np.maximum(encoded, 0.04045) + 0.055) / 1.055) ** 2.4)
