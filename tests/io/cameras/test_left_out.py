"""A camera that cannot be read is left out, and named; a file of which none can be read is refused."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.io.cameras.examples import random_cameras
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import CameraFile, Lens, format_of, matterport, read_cameras, write_cameras

CAMERAS = random_cameras(3, centred=True)
LENS = CAMERAS[0].lens
# The format, the file of its that is damaged, the line (from 0), what becomes of the line, and what is said.
LINES = [
    ("tum", "", 2, "1 2 3 x 0 0 0 1", "1 of 3 lines is left out: line 3: 'x' is no number"),
    ("tum", "", 2, "1 2 3", "line 3: has 3 numbers, wanted 8"),
    ("tum", "", 2, "1 0 0 0 0 0 0 0", "line 3: a quaternion is [0.0, 0.0, 0.0, 0.0]"),
    ("kitti", "", 1, "1 0 0 0 0 1 0 0 0 0 nan 0", "1 of 3 lines is left out: line 2: a pose is not finite"),
    ("kitti", "", 1, "1 0 0 0", "line 2: has 4 numbers, wanted 12"),
    ("colmap", "images.txt", 3, "2 1 0 0 0 0 0", "1 of 3 images is left out: images.txt, line 4: wanted IMAGE_ID"),
    ("colmap", "images.txt", 3, "2 1 0 0 0 0 0 0 7 1", "images.txt, line 4: camera 7 is not in the cameras file"),
    ("colmap", "images.txt", 3, "2 1 0 0 0 nan 0 0 1 1", "images.txt, line 4: the pose is not finite"),
    ("arkitscenes", "lowres_wide.traj", 1, "1 0 0 inf 0 0 0", "lowres_wide.traj, line 2: the pose is not finite"),
    ("arkitscenes", "lowres_wide.traj", 1, "1 0 0 0", "lowres_wide.traj, line 2: has 4 numbers, wanted 7"),
    ("scannet", "pose/1.txt", 0, "1 0 0", "1 of 3 poses is left out: pose/1.txt: has 15 numbers, wanted 16"),
    ("scannet", "pose/1.txt", 0, "nan 0 0 0", "1 of 3 poses is left out: pose/1.txt: a pose is not finite"),
]


def damaged(folder: Path, name: str, file: str, place: int, line: str) -> Path:
    path = folder / (name if file else f"{name}.txt")
    write_cameras(path, CAMERAS, name)
    part = path / file if file else path
    lines = part.read_text().splitlines()
    lines[place] = line
    part.write_text("\n".join(lines) + "\n")
    return path


def read(path: Path, name: str) -> CameraFile:
    return read_cameras(path, lens=LENS if name in ("tum", "kitti") else None)


@pytest.mark.parametrize(("name", "file", "place", "line", "said"), LINES)
def test_a_damaged_line_costs_one_camera(
    tmp_path: Path, name: str, file: str, place: int, line: str, said: str
) -> None:
    path = damaged(tmp_path, name, file, place, line)
    assert format_of(path) == name
    found = read(path, name)
    assert [camera.name for camera in found.cameras] == ["0", "2"]  # the others keep their names
    np.testing.assert_allclose(found.cameras[1].camera_to_world, CAMERAS[2].camera_to_world, atol=1e-9)
    (note,) = found.notes
    assert said in note
    assert str(path) not in note


@pytest.mark.parametrize(("name", "first"), [("tum", "timestamp tx ty tz qx qy qz qw"), ("kitti", "nonsense")])
def test_a_file_is_recognised_though_its_first_line_is_none(tmp_path: Path, name: str, first: str) -> None:
    write_cameras(tmp_path / "t.txt", CAMERAS, name)
    (tmp_path / "t.txt").write_text(f"{first}\n{(tmp_path / 't.txt').read_text()}")
    assert format_of(tmp_path / "t.txt") == name
    found = read(tmp_path / "t.txt", name)
    assert len(found.cameras) == 3
    assert found.notes[0].startswith("1 of 4 lines is left out: line 1: ")


@pytest.mark.parametrize(("name", "line"), [("tum", "1 2 3"), ("kitti", "nan " * 12)])
def test_a_file_without_a_camera_is_refused_with_its_first_line(tmp_path: Path, name: str, line: str) -> None:
    (tmp_path / "t.txt").write_text(f"{line}\n{line}\n")
    with pytest.raises(InputError, match=r"t\.txt, line 1: "):
        read_cameras(tmp_path / "t.txt", name, LENS)


@pytest.mark.parametrize("name", ["colmap", "colmap-binary"])
def test_a_lens_that_colmap_has_and_we_do_not_costs_its_own_images(tmp_path: Path, name: str) -> None:
    other = replace(CAMERAS[1], lens=Lens(500.0, 500.0, 320.0, 213.5, 640, 427))
    write_cameras(tmp_path / "m", [CAMERAS[0], other, CAMERAS[2]], name)
    with_model(tmp_path / "m", camera_id=2)
    found = read_cameras(tmp_path / "m")
    assert [camera.name for camera in found.cameras] == ["0", "2"]
    lenses, images = found.notes
    assert lenses.startswith("1 of 2 lenses is left out: cameras.")
    assert "camera model FOV is not supported; undistort the images" in lenses
    assert images.startswith("1 of 3 images is left out: images.")
    assert "its camera 2 cannot be read" in images
    write_cameras(tmp_path / "m", CAMERAS, name)
    with_model(tmp_path / "m", camera_id=1)
    with pytest.raises(InputError, match="camera model FOV is not supported"):
        read_cameras(tmp_path / "m")


def with_model(folder: Path, camera_id: int) -> None:
    """Makes a PINHOLE of a model into COLMAP's FOV, which has one parameter more."""
    text, binary = folder / "cameras.txt", folder / "cameras.bin"
    if text.is_file():
        lines = text.read_text().splitlines()
        lines[camera_id] = lines[camera_id].replace("PINHOLE", "FOV") + " 0.9"
        text.write_text("\n".join(lines) + "\n")
        return
    data, at = bytearray(binary.read_bytes()), 8 + (camera_id - 1) * (24 + 4 * 8)
    struct.pack_into("<i", data, at + 4, 7)
    data[at + 24 + 4 * 8 : at + 24 + 4 * 8] = struct.pack("<d", 0.9)
    binary.write_bytes(data)


def test_a_binary_image_without_a_pose_is_left_out(tmp_path: Path) -> None:
    write_cameras(tmp_path / "m", CAMERAS, "colmap-binary")
    file = tmp_path / "m" / "images.bin"
    data = bytearray(file.read_bytes())
    struct.pack_into("<d", data, 8 + 4, float("nan"))  # the first image's quaternion
    file.write_bytes(data)
    found = read_cameras(tmp_path / "m")
    assert [camera.name for camera in found.cameras] == ["1", "2"]
    assert found.notes == ("1 of 3 images is left out: images.bin, image 1: the pose is not finite",)
    file.write_bytes(data[:-2])
    with pytest.raises(InputError, match=r"images\.bin: is truncated"):
        read_cameras(tmp_path / "m")


@pytest.mark.parametrize("name", ["polycam", "open3d", "tvdr-nv", "nerfstudio"])
def test_a_camera_of_json_that_is_not_finite_is_left_out(tmp_path: Path, name: str) -> None:
    bad = replace(CAMERAS[1], camera_to_world=np.full((4, 4), np.nan))
    path = tmp_path / (name if name == "polycam" else f"{name}.json")
    write_cameras(path, [CAMERAS[0], bad, CAMERAS[2]], name)
    found = read_cameras(path)
    assert [camera.name for camera in found.cameras] == ["0", "2"]
    (note,) = found.notes
    assert note.startswith("1 of 3 ")
    assert "finite" in note


def test_a_pose_of_opencv_that_is_not_finite_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    write_cameras(path, CAMERAS, "opencv")
    path.write_text(re.sub(r'("data": \[\s*)([^,]+)(,(?:[^,\]]*,){16}[^,\]]*\])', r"\1NaN\3", path.read_text()))
    found = read_cameras(path)
    assert [camera.name for camera in found.cameras] == ["1", "2"]
    assert found.notes == (
        "1 of 3 poses is left out: extrinsic_parameters 0: number 1 of 6 is nan; wanted finite ones",
    )


def test_a_line_of_a_matterport_house_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    pose = "1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1"
    scans = [f"scan d0.png c0.jpg {pose}", "scan d1.png c1.jpg 1 0 0", f"scan d2.png c2.jpg {pose}"]
    file = tmp_path / "house" / "house.conf"
    file.parent.mkdir()
    file.write_text("\n".join(["intrinsics_matrix 1000 0 640 0 1000 512 0 0 1", *scans]) + "\n")
    found = matterport.read(file)
    assert [camera.name for camera in found.cameras] == ["c0.jpg", "c2.jpg"]
    assert found.notes == ("1 of 3 scan lines is left out: line 3: wanted 16 numbers, got 3",)
