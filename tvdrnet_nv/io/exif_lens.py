"""The lens that a picture's EXIF data tells of.

Source of the tags: CIPA DC-008, Exif 2.32, section 4.6.5.
"""

from __future__ import annotations

import math
import os
import struct
import warnings
from typing import Any

_DIAGONAL = math.hypot(36, 24)  # millimetres: of the film that 35 mm equivalent focal lengths are for
_MILLIMETRES = {2: 25.4, 3: 10.0, 4: 1.0, 5: 1e-3}  # of FocalPlaneResolutionUnit; an inch where it is missing
_EXIF, _FOCAL_LENGTH, _FOCAL_LENGTH_35MM = 0x8769, 0x920A, 0xA405
_RESOLUTION, _RESOLUTION_UNIT, _WIDTH, _HEIGHT = 0xA20E, 0xA210, 0xA002, 0xA003


def focal_length_of(path: str | os.PathLike[str]) -> float | None:
    """The 35 mm equivalent focal length of a picture file, in millimetres: for the diagonal of 36 × 24 mm.

    From FocalLengthIn35mmFilm, else from FocalLength and FocalPlaneXResolution. None where the file has neither, or
    has numbers in them that EXIF has for "unknown", or that are no positive numbers; None also where it has no EXIF
    data that can be read.

    Raises:
        OSError: the file is missing or no picture.
    """
    from PIL import Image

    # PIL warns of damaged data, and of large pictures.
    with warnings.catch_warnings(action="ignore"), Image.open(path) as image:
        size = image.size
        try:
            tags: dict[int, Any] = image.getexif().get_ifd(_EXIF)
        except (ValueError, SyntaxError, struct.error):  # data so damaged that nothing can be read
            return None
    equivalent = _positive(tags.get(_FOCAL_LENGTH_35MM))
    if equivalent is not None:
        return equivalent
    length, resolution = _positive(tags.get(_FOCAL_LENGTH)), _positive(tags.get(_RESOLUTION))
    unit = _MILLIMETRES.get(tags.get(_RESOLUTION_UNIT, 2))
    if length is None or resolution is None or unit is None:
        return None
    # The resolution is for the size that the camera wrote; the larger sides, as a program may have turned the picture.
    written = [_positive(tags.get(side)) or 0.0 for side in (_WIDTH, _HEIGHT)]
    scale = max(size) / max(written) if all(written) else 1.0
    pixels = length / unit * resolution * scale
    return pixels / math.hypot(*size) * _DIAGONAL


def fov_of(path: str | os.PathLike[str]) -> float | None:
    """The field of view along the shorter side of a picture file, in degrees, from `focal_length_of`; None without it.

    A picture that was cropped after it was taken sees less than this.

    Raises:
        OSError: the file is missing or no picture.
    """
    from PIL import Image

    length = focal_length_of(path)
    if length is None:
        return None
    with warnings.catch_warnings(action="ignore"), Image.open(path) as image:
        size = image.size
    shorter = _DIAGONAL * min(size) / math.hypot(*size)
    return math.degrees(2 * math.atan(shorter / 2 / length))


def _positive(value: Any) -> float | None:
    """A tag as a number; None where it is none, or not positive and finite."""
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if 0 < number < math.inf else None
