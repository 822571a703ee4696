"""What is said of camera files that contradict themselves, or of which a half is missing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.io.cameras.test_as_found import CALIBRATION, nerf
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import read_cameras


def test_a_focal_length_that_an_angle_contradicts_is_noted(tmp_path: Path) -> None:
    assert read_cameras(nerf(tmp_path, {"camera_angle_x": 2 * np.arctan(32 / 50)})).notes == ()
    found = read_cameras(nerf(tmp_path, {"camera_angle_x": 1.5, "camera_angle_y": 0}))
    assert found.cameras[0].lens.fx == 50
    assert found.notes[0] == "fl_x is 50, but camera_angle_x 1.5 means 34.35 pixels of 64; fl_x counts"
    assert found.notes[1].startswith("fl_y is 50, but camera_angle_y 0 means")


@pytest.mark.parametrize(("there", "missing"), [("cameras.txt", "images.txt"), ("images.bin", "cameras.bin")])
def test_a_half_of_a_colmap_model_is_named(tmp_path: Path, there: str, missing: str) -> None:
    (tmp_path / there).write_text("1 PINHOLE 64 48 50 50 32 24\n")
    for path in (tmp_path, tmp_path / there):
        with pytest.raises(InputError, match=rf"{tmp_path}: has COLMAP's {there} and no {missing}, which has the"):
            read_cameras(path)


def test_names_that_two_cameras_have_are_noted(tmp_path: Path) -> None:
    (tmp_path / "cameras.txt").write_text("1 PINHOLE 64 48 50 50 32 24\n")
    (tmp_path / "images.txt").write_text("1 1 0 0 0 0 0 0 1 a.png\n\n2 1 0 0 0 1 0 0 1 a.png\n\n")
    assert read_cameras(tmp_path).notes == ("names that several cameras have, so that FILE:NAME finds none: a.png",)


def test_a_calibration_without_a_size_says_which_keys_are_wanted(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(CALIBRATION.replace("image_width: 64\n", ""))
    with pytest.raises(InputError, match="says no size of its pictures; add image_width and image_height, in pixels"):
        read_cameras(path)
    path.write_text(CALIBRATION.replace("image_width: 64", "image_width: -64"))
    with pytest.raises(InputError, match="image_width is -64; wanted more than 0"):
        read_cameras(path)


def test_poses_none_of_which_can_be_used_are_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "pose").mkdir()
    np.savetxt(tmp_path / "pose" / "0.txt", np.full((4, 4), -np.inf))
    with pytest.raises(InputError, match=r"pose: there are no cameras: of 1 poses, 1 not tracked \(infinite\)$"):
        read_cameras(tmp_path)
    np.savetxt(tmp_path / "pose" / "1.txt", np.diag([2.0, 2, 2, 1]))
    with pytest.raises(
        InputError, match=r"1 not tracked \(infinite\), 1 broken, such as .*1\.txt: a rotation is off by"
    ):
        read_cameras(tmp_path)


def test_where_a_text_stops_being_json_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"frames": [1, 2]}, indent=1)[:-4])
    with pytest.raises(InputError, match=r"a\.json: is not JSON, or is truncated \(line \d, column \d: "):
        read_cameras(path)
