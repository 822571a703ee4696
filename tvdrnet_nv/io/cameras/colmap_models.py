"""COLMAP's camera models: which parameters each has, and what they are here.

Source: https://colmap.github.io/cameras.html.
"""

from __future__ import annotations

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.record import Distortion, Lens, checked_lens, distortion_of

# By COLMAP's number: name, how many parameters there are, how many of them are focal lengths, the distortion's model.
MODELS: dict[int, tuple[str, int, int, str]] = {
    0: ("SIMPLE_PINHOLE", 3, 1, "opencv"),
    1: ("PINHOLE", 4, 2, "opencv"),
    2: ("SIMPLE_RADIAL", 4, 1, "opencv"),
    3: ("RADIAL", 5, 1, "opencv"),
    4: ("OPENCV", 8, 2, "opencv"),
    5: ("OPENCV_FISHEYE", 8, 2, "fisheye"),
    6: ("FULL_OPENCV", 12, 2, "opencv"),
    8: ("SIMPLE_RADIAL_FISHEYE", 4, 1, "fisheye"),
    9: ("RADIAL_FISHEYE", 5, 1, "fisheye"),
}
NUMBERS = {name: number for number, (name, *_) in MODELS.items()}
# Models that are not supported, with how many parameters they have.
REFUSED = {7: ("FOV", 5), 10: ("THIN_PRISM_FISHEYE", 12), 11: ("RAD_TAN_THIN_PRISM_FISHEYE", 16)}

Intrinsics = tuple[Lens, Distortion | None]


def intrinsics(where: str, name: str, width: object, height: object, parameters: list[float]) -> Intrinsics:
    """What a model's parameters are, in pixels.

    Raises:
        InputError: the model is not supported, or its parameters are broken.
    """
    number = NUMBERS.get(name)
    if number is None:
        raise InputError(f"{where}: {unknown(name[:40])}")
    _, count, focals, kind = MODELS[number]
    if len(parameters) != count or not np.isfinite(parameters).all():
        raise InputError(f"{where}: {name} has {count} finite parameters, got {len(parameters)}")
    focal, (cx, cy, *rest) = parameters[:focals], parameters[focals:]
    lens = checked_lens(where, focal[0], focal[-1], cx, cy, width, height)
    return lens, distortion_of(kind, rest)


def model_of(lens: Lens, distortion: Distortion | None) -> tuple[str, list[float]]:
    """The model that holds a lens and its distortion, and its parameters."""
    pinhole = list(lens[:4])
    if distortion is None:
        return "PINHOLE", pinhole
    if distortion.model == "fisheye":
        return "OPENCV_FISHEYE", pinhole + list(distortion.parameters)
    short = not any(distortion.parameters[4:])
    return ("OPENCV" if short else "FULL_OPENCV"), pinhole + list(distortion.parameters[: 4 if short else 8])


def unknown(name: str) -> str:
    """What is said of a model that is not supported."""
    known = ", ".join(name for name, *_ in MODELS.values())
    return f"camera model {name} is not supported; undistort the images with colmap image_undistorter (known: {known})"
