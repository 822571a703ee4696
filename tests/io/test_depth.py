"""Depth pictures: units, what is unknown, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import read_depth


def test_whole_numbers_are_millimetres_and_floats_are_metres(tmp_path: Path) -> None:
    Image.fromarray(np.array([[0, 1500, 65535]], np.uint16)).save(tmp_path / "a.png")
    np.save(tmp_path / "a.npy", np.array([[0, 1.5, np.nan]]))
    np.save(tmp_path / "b.npy", np.array([[[0], [1500], [-0]]], np.int32))
    Image.fromarray(np.array([[0, 1.5, np.inf]], np.float32)).save(tmp_path / "a.tif")
    for name in ("a.png", "a.npy", "b.npy", "a.tif"):
        depth = read_depth(tmp_path / name)
        assert depth.dtype == np.float32
        np.testing.assert_allclose(depth, [[0, 1.5, 0]])
    np.testing.assert_allclose(read_depth(tmp_path / "a.npy", "mm"), [[0, 0.0015, 0]], rtol=1e-6)
    np.testing.assert_allclose(read_depth(tmp_path / "a.png", "m"), [[0, 1500, 0]])


def test_what_is_no_depth_picture_is_refused_in_one_line(tmp_path: Path) -> None:
    def array(name: str, values: object) -> Path:
        np.save(tmp_path / name, np.asarray(values))
        return tmp_path / name

    Image.fromarray(np.zeros((2, 3), np.uint8)).save(tmp_path / "grey.png")
    Image.fromarray(np.zeros((2, 3, 3), np.uint8)).save(tmp_path / "rgb.png")
    (tmp_path / "text.png").write_text("no")
    (tmp_path / "text.npy").write_text("no")
    (tmp_path / "text.exr").write_text("no")
    cases = [
        (tmp_path / "none.png", "no such file"),
        (tmp_path, "is a folder"),
        (tmp_path / "grey.png", r"\[2, 3\] numbers of uint8, which is no depth picture"),
        (tmp_path / "rgb.png", r"\[2, 3, 3\] numbers of uint8"),
        (tmp_path / "text.png", "cannot be read as a depth picture; give a PNG of 16 bits"),
        (tmp_path / "text.npy", "cannot be read as a depth picture"),
        (tmp_path / "text.exr", "cannot be read as a depth picture; save it as .npy"),
        (array("negative.npy", [[-1.0, 2.0]]), "has negative depths"),
        (array("unknown.npy", [[0.0, np.nan]]), "has no known depth"),
        (array("empty.npy", np.zeros((0, 3))), r"holds \[0, 3\] numbers"),
        (array("unclear.npy", [[1500.0, 2000.0]]), "median of 1750, and does not say in which unit"),
        (array("object.npy", np.array([{}], object)), "cannot be read"),
    ]
    for path, says in cases:
        with pytest.raises(InputError, match=says) as caught:
            read_depth(path)
        assert "\n" not in str(caught.value)
    assert float(read_depth(tmp_path / "unclear.npy", "mm")[0, 0]) == pytest.approx(1.5)
