"""What is said of camera files that contradict themselves, or of which a half is missing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.io.cameras.examples import random_cameras
from tests.io.cameras.test_as_found import CALIBRATION, FRAME, nerf
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_camera
from tvdrnet_nv.io.cameras import read_cameras, write_cameras


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


def test_an_id_of_two_cameras_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cameras.txt").write_text("1 PINHOLE 64 48 50 50 32 24\n1 PINHOLE 64 48 90 90 32 24\n")
    (tmp_path / "images.txt").write_text("1 1 0 0 0 0 0 0 1 a.png\n\n")
    with pytest.raises(InputError, match=r"cameras\.txt, line 2: another camera has the id 1 as well"):
        read_cameras(tmp_path)
    write_cameras(tmp_path / "b", random_cameras(), "colmap-binary")
    with (tmp_path / "b" / "images.bin").open("ab") as file:
        file.write(b"four")
    assert read_cameras(tmp_path / "b").notes == ("4 bytes after the images of images.bin are not read",)


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "far": (
        {"frames": [{"transform_matrix": [[1, 0, 0, 1e300], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]}]},
        r"frame 0: a pose moves by 1e\+300, wanted at most 1e\+15",
    ),
    "bool": ({"w": True}, "w is true; wanted a number"),
    "huge": ({"fl_x": 1e300}, r"fl_x is 1e\+300; wanted pixels, at most 1e\+09"),
    "frames": ({"frames": {"a": FRAME}}, "its frames are no list"),
    "pose": ({"frames": [{"file_path": "a"}]}, "frame 0: has no transform_matrix, so no pose"),
    "applied": ({"applied_transform": [[1, 0, 0, float("nan")], [0, 1, 0, 0], [0, 0, 1, 0]]}, "number 4 of 12 is nan"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_numbers_that_cannot_be_are_named(tmp_path: Path, kind: str) -> None:
    values, said = WRONG[kind]
    with pytest.raises(InputError, match=said):
        read_cameras(nerf(tmp_path, values))


def test_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = nerf(tmp_path, {})
    path.write_text(path.read_text()[:-1] + ', "fl_x": 50}')
    assert len(read_cameras(path).cameras) == 1
    path.write_text(path.read_text()[:-1] + ', "fl_x": 51}')
    with pytest.raises(InputError, match=r"transforms\.json: has the key 'fl_x' twice, with different values"):
        read_cameras(path)
    (tmp_path / "a.yml").write_text(CALIBRATION + "image_width: 70\n")
    with pytest.raises(InputError, match="the key 'image_width' is there twice"):
        read_cameras(tmp_path / "a.yml")


CALIBRATIONS = {
    "degrees": ("rvec: [0, 0, 0]", "rvec: [0, 90, 0]", "a rotation vector has length 90; wanted an angle in radians"),
    "shape": ("rows: 3, cols: 3", "rows: 2, cols: 3", "camera_matrix: its data are not rows × cols numbers"),
    "scaled": ("24, 0, 0, 1]", "24, 0, 0, 2]", r"camera_matrix is .*; wanted \[\[fx, 0, cx\]"),
    "text": ("cols: 3", "cols: [", r"is not YAML, or is damaged or truncated \(line \d, column \d+\)"),
}


@pytest.mark.parametrize("kind", CALIBRATIONS)
def test_calibrations_that_cannot_be_are_named(tmp_path: Path, kind: str) -> None:
    old, new, said = CALIBRATIONS[kind]
    (tmp_path / "a.yml").write_text(CALIBRATION.replace(old, new))
    with pytest.raises(InputError, match=said):
        read_cameras(tmp_path / "a.yml")


@pytest.mark.parametrize("head", ["", "%YAML:1.0\n---\n"])
def test_where_a_text_stops_being_yaml_is_said(tmp_path: Path, head: str) -> None:
    path = tmp_path / "a.yml"
    path.write_text(head + "a: 1\nb: [1,\nc: }\n")
    with pytest.raises(
        InputError, match=rf"is not YAML, or is damaged or truncated \(line {head.count(chr(10)) + 3}, "
    ):
        read_cameras(path)
    path.write_text(head + "a: 1\n")
    with pytest.raises(InputError, match="is no camera file of a known format"):
        read_cameras(path)


def test_a_word_that_is_no_number_is_named(tmp_path: Path) -> None:
    (tmp_path / "pose").mkdir()
    (tmp_path / "pose" / "0.txt").write_text("1 0 0 O.5")
    with pytest.raises(InputError, match=r"0\.txt: 'O\.5' is no number"):
        read_cameras(tmp_path)


def test_image_names_of_another_number_than_the_poses_are_noted(tmp_path: Path) -> None:
    poses = (
        "extrinsic_parameters: {rows: 2, cols: 6, data: [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2]}\nimage_names: [a.png]\n"
    )
    (tmp_path / "a.yml").write_text(CALIBRATION + poses)
    assert read_cameras(tmp_path / "a.yml").notes == ("it has 1 image name for 2 poses; perhaps names are missing",)


def test_a_calibration_matrix_of_ours_or_scannets_that_is_transposed_is_refused(tmp_path: Path) -> None:
    K = np.array([[50.0, 0, 32], [0, 50, 24], [0, 0, 1]])
    opencv = {"R": np.eye(3).tolist(), "t": [0, 0, 4], "K": K.T.tolist()}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"opencv": opencv, "image_size": {"width": 64, "height": 48}}))
    with pytest.raises(InputError, match=r"a\.json: K is .*; wanted \[\[fx, 0, cx\], \[0, fy, cy\], \[0, 0, 1\]\]"):
        read_cameras(path)
    for name, values in (("pose/0", np.eye(4)), ("intrinsic/intrinsic_color", K.T)):
        (tmp_path / name).parent.mkdir()
        np.savetxt(tmp_path / f"{name}.txt", values)
    with pytest.raises(InputError, match=r"intrinsic_color\.txt: its matrix is .*; wanted \[\[fx, 0, cx\]"):
        read_cameras(tmp_path, "scannet")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(InputError, match=r"a\.json: is a pipe or a device, not a file"):
        load_camera(tmp_path / "a.json")
    with pytest.raises(InputError, match=r"a\.json: is no camera file of a known format"):
        read_cameras(tmp_path / "a.json")
