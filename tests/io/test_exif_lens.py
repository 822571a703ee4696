"""The field of view that a picture's EXIF data tells of."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from tvdrnet_nv.io import focal_length_of, fov_of

LENGTH, LENGTH_35MM, X_RESOLUTION, UNIT, WIDTH, HEIGHT, ORIENTATION = (
    0x920A,
    0xA405,
    0xA20E,
    0xA210,
    0xA002,
    0xA003,
    0x0112,
)


def picture(path: Path, size: tuple[int, int], tags: dict[int, Any], orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif.get_ifd(0x8769).update(tags)
    Image.new("RGB", size).save(path, exif=exif)
    return path


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_35_mm_equivalent_is_for_the_diagonal(tmp_path: Path, name: str) -> None:
    tags = {LENGTH_35MM: 28, LENGTH: 4.2}
    fov = fov_of(picture(tmp_path / name, (360, 240), tags))
    assert fov == pytest.approx(math.degrees(2 * math.atan(12 / 28)))
    # 4:3 has the same diagonal, so its shorter side is 0.6 of 43.27 mm.
    fov = fov_of(picture(tmp_path / name, (400, 300), tags))
    assert fov == pytest.approx(math.degrees(2 * math.atan(0.3 * math.hypot(36, 24) / 28)))
    for orientation in (6, 8):
        assert fov_of(picture(tmp_path / name, (400, 300), tags, orientation)) == fov
    assert fov_of(picture(tmp_path / name, (300, 400), tags)) == fov
    assert focal_length_of(tmp_path / name) == 28


@pytest.mark.parametrize(("unit", "millimetres"), [(None, 25.4), (2, 25.4), (3, 10.0), (4, 1.0)])
def test_a_focal_length_counts_in_the_sensors_pixels(tmp_path: Path, unit: int | None, millimetres: float) -> None:
    # A sensor of 24 × 16 mm in 6000 × 4000 pixels: 250 of them a millimetre.
    tags: dict[int, Any] = {
        LENGTH: 18.0,
        X_RESOLUTION: IFDRational(round(250 * millimetres)),
        WIDTH: 6000,
        HEIGHT: 4000,
    }
    if unit is not None:
        tags[UNIT] = unit
    wanted = math.degrees(2 * math.atan(8 / 18))
    for size in ((300, 200), (200, 300)):  # made smaller, and turned
        path = picture(tmp_path / "a.jpg", size, {**tags, LENGTH_35MM: 0})  # 0: unknown
        assert fov_of(path) == pytest.approx(wanted, rel=1e-5)
    assert focal_length_of(path) == pytest.approx(27, rel=1e-5)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {LENGTH: 18.0},
        {LENGTH_35MM: 0},
        {LENGTH: IFDRational(0, 0), X_RESOLUTION: 250.0},
        {LENGTH: 18.0, X_RESOLUTION: 0.0},
        {LENGTH: 18.0, X_RESOLUTION: 250.0, UNIT: 77},
    ],
)
def test_what_tells_no_focal_length_gives_none(tmp_path: Path, tags: dict[int, Any]) -> None:
    assert fov_of(picture(tmp_path / "a.jpg", (30, 20), tags)) is None
    assert focal_length_of(tmp_path / "a.jpg") is None


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x87", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0garbage"]
)
def test_damaged_exif_data_tells_nothing(tmp_path: Path, exif: bytes) -> None:
    Image.new("RGB", (30, 20)).save(tmp_path / "a.jpg", exif=exif)
    assert fov_of(tmp_path / "a.jpg") is None
