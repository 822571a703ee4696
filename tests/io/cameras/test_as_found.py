"""Camera files as other programs and their users leave them: read rightly, or refused by what is wrong with them."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.io.cameras.examples import random_cameras
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_camera
from tvdrnet_nv.io.cameras import FORMATS, Lens, format_of, read_cameras, write_cameras

LENS = Lens(50, 50, 32, 24, 64, 48)
IDENTITY = np.eye(4).tolist()
NERF: dict[str, Any] = {"fl_x": 50, "fl_y": 50, "cx": 32, "cy": 24, "w": 64, "h": 48}
FRAME = {"file_path": "a.png", "transform_matrix": IDENTITY}
OPEN3D: dict[str, Any] = {
    "class_name": "PinholeCameraParameters",
    "extrinsic": np.eye(4).reshape(-1).tolist(),
    "intrinsic": {"width": 64, "height": 48, "intrinsic_matrix": [50, 0, 0, 0, 50, 0, 32, 24, 1]},
}
CALIBRATION = (
    "image_width: 64\nimage_height: 48\ncamera_matrix: {rows: 3, cols: 3, data: [50, 0, 32, 0, 50, 24, 0, 0, 1]}\n"
    "rvec: [0, 0, 0]\ntvec: [0, 0, 1]\ndistortion_coefficients: {rows: 1, cols: 4, data: [0.1, 0.01, 0, 0]}\n"
)


def nerf(folder: Path, values: dict[str, Any]) -> Path:
    path = folder / "transforms.json"
    path.write_text(json.dumps({**NERF, "frames": [FRAME], **values}))
    return path


@pytest.mark.parametrize("points", ["", "\n", "1.5 2.5 -1 3 4 17\n"])
def test_colmap_images_whose_lines_of_points_are_there_or_not(tmp_path: Path, points: str) -> None:
    (tmp_path / "cameras.txt").write_text("1 PINHOLE 64 48 50 50 32 24\n")
    lines = [f"{k} 1 0 0 0 0 0 {k} 1 {name}\n{points}" for k, name in enumerate(("a.png", "b c d.png", "e.png"))]
    (tmp_path / "images.txt").write_text("".join(lines))
    assert [camera.name for camera in read_cameras(tmp_path).cameras] == ["a.png", "b c d.png", "e.png"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"k4": 0.1}, "k4 is no parameter"),
        ({"k5": 0.1}, "k5 is no parameter"),
        ({"camera_model": "OPENCV_FISHEYE", "p1": 0.1}, "p1 is no parameter of fisheye"),
        ({"fl_x": 0.8, "fl_y": 1.1, "w": 640, "h": 480}, "fl_x is 0.8 for pictures of 640×480; wanted pixels"),
    ],
)
def test_nerfstudio_lenses_that_would_be_read_wrongly(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_cameras(nerf(tmp_path, values))


def test_a_file_path_of_windows(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    Image.new("RGB", (64, 48)).save(tmp_path / "images" / "a.jpg")
    frame = {"file_path": ".\\images\\a.jpg", "transform_matrix": IDENTITY}
    (camera,) = read_cameras(nerf(tmp_path, {"frames": [frame]})).cameras
    assert camera.picture == tmp_path / "images" / "a.jpg"


def test_null_is_a_value_that_is_missing(tmp_path: Path) -> None:
    (camera,) = read_cameras(nerf(tmp_path, {"camera_model": None, "k1": None, "applied_scale": None})).cameras
    assert camera.lens == LENS
    assert camera.distortion is None


def test_a_principal_point_outside_the_picture_is_noted(tmp_path: Path) -> None:
    assert not read_cameras(nerf(tmp_path, {})).notes
    for cx in (65, 64, 0, -1):
        (note,) = read_cameras(nerf(tmp_path, {"cx": cx})).notes
        assert f"the principal point of a.png, ({cx}, 24), is outside its picture of 64×48" in note


@pytest.mark.parametrize(
    ("size", "factor"), [((32, 24), "0.5"), ((33, 25), "0.5156"), ((128, 96), "2"), ((40, 30), "0.625")]
)
def test_a_lens_for_another_size_is_noted(tmp_path: Path, size: tuple[int, int], factor: str) -> None:
    (note,) = read_cameras(nerf(tmp_path, {"w": size[0], "h": size[1]})).notes
    assert f"is the middle of pictures of 64×48, not of {size[0]}×{size[1]}" in note
    assert f"multiply fx, fy, cx and cy by {factor}" in note
    assert not read_cameras(nerf(tmp_path, {"cx": 25, "cy": 30})).notes  # a crop


@pytest.mark.parametrize(
    ("model", "found"), [("plumb_bob", "opencv"), ("equidistant", "fisheye"), ("ftheta", None), ("", "opencv")]
)
def test_a_named_distortion_model_counts(tmp_path: Path, model: str, found: str | None) -> None:
    path = tmp_path / "camera.yaml"
    path.write_text(CALIBRATION + f"distortion_model: {model}\n")
    if found is None:
        with pytest.raises(InputError, match="distortion_model ftheta is not supported"):
            read_cameras(path)
    else:
        distortion = read_cameras(path).cameras[0].distortion
        assert distortion is not None
        assert distortion.model == found


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"intrinsic": {**OPEN3D["intrinsic"], "intrinsic_matrix": [50, 0, 32, 0, 50, 24, 0, 0, 1]}}, "by columns"),
        ({"class_name": "PinholeCameraIntrinsic"}, "a lens without a pose"),
        ({"class_name": "ViewTrajectory"}, "views without a lens"),
    ],
)
def test_open3d_files_that_are_no_cameras(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps({**OPEN3D, **values}))
    assert format_of(path) == "open3d"
    with pytest.raises(InputError, match=said):
        read_cameras(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_in_the_encodings_of_windows(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "tum.txt").write_text("1.0 0 0 0 0 0 0 1\n", encoding=encoding)
    assert read_cameras(tmp_path / "tum.txt", lens=LENS).cameras[0].name == "1.0"
    (tmp_path / "c.json").write_text(json.dumps({"camera_to_world": IDENTITY, "fov": 60}), encoding=encoding)
    assert len(load_camera(tmp_path / "c.json").viewpoint) == 1
    (note,) = read_cameras(tmp_path / "c.json").notes
    assert note == "it has no image_size; pictures of 512×512 are taken"


def test_lines_of_whole_matrices(tmp_path: Path) -> None:
    path = tmp_path / "traj.txt"
    path.write_text("1 0 0 5 0 1 0 6 0 0 1 7 0 0 0 1\n")
    assert format_of(path) == "kitti"
    assert read_cameras(path, lens=LENS).cameras[0].camera_to_world[:3, 3].tolist() == [5, 6, 7]


def test_scannet_intrinsics_are_for_the_size_that_the_scene_says(tmp_path: Path) -> None:
    for name in ("pose", "intrinsic", "color"):
        (tmp_path / name).mkdir()
    (tmp_path / "pose" / "0.txt").write_text("1 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1\n")
    (tmp_path / "intrinsic" / "intrinsic_color.txt").write_text("50 0 31.5\n0 50 23.5\n0 0 1\n")
    Image.new("RGB", (32, 24)).save(tmp_path / "color" / "0.jpg")  # exported at half the size
    assert read_cameras(tmp_path).cameras[0].lens == LENS._replace(width=32, height=24)
    facts = "colorHeight = 48\ncolorWidth = 64\nfx_color = 50\nfy_color = 50\nmx_color = 31.5\nmy_color = 23.5\n"
    (tmp_path / "scene.txt").write_text(facts)
    assert read_cameras(tmp_path).cameras[0].lens == LENS
    (tmp_path / "intrinsic" / "intrinsic_color.txt").unlink()
    assert read_cameras(tmp_path).cameras[0].lens == LENS


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "", "the file is empty"),
        ("transforms.json", '{"frames": [', "is not JSON, or is truncated"),
        ("a.json", '{"some": 1}', "is no camera file of a known format; known are colmap-binary"),
    ],
)
def test_what_is_said_of_a_file_of_no_known_format(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=said):
        format_of(tmp_path / name)


def test_a_folder_around_a_model_is_answered_with_the_model(tmp_path: Path) -> None:
    model = tmp_path / "sparse" / "0"
    model.mkdir(parents=True)
    (model / "cameras.bin").touch()
    (model / "images.bin").touch()
    with pytest.raises(InputError, match="sparse/0 looks like one"):
        format_of(tmp_path)


@pytest.mark.parametrize("format", ["colmap", "colmap-binary"])
def test_a_name_that_is_no_text_is_still_the_pictures(tmp_path: Path, format: str) -> None:
    name = os.fsdecode(b"f\xfcr.png")  # Latin-1
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / name).touch()
    write_cameras(tmp_path / "m", [replace(random_cameras(1)[0], name=name)], format)
    (camera,) = read_cameras(tmp_path / "m").cameras
    assert camera.name == name
    assert camera.picture == tmp_path / "images" / name
    for other in FORMATS:
        if other != "blender":  # which has no lens of this kind
            ending = (FORMATS[other].suffixes or ("",))[0]
            write_cameras(tmp_path / f"{other}{ending}", [camera], other)
