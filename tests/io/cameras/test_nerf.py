"""Nerfstudio's own worlds: what `applied_transform` and `dataparser_transforms.json` did is undone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.io.cameras.test_conventions import LENS, LENS_TEXT, OPENGL
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import read_cameras

POINT, PIXEL = np.array([[1.5, 2.25, 4.0]]), [[150.0, 75.0]]  # of tests/io/cameras/test_conventions.py
# What nerfstudio does to COLMAP's world today: (x, y, z) becomes (x, z, -y).
APPLIED = [[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0]]
# The camera of OPENGL in that world: its position (1, 2, 3) is at (1, 3, -2), and its axes are turned alike.
TURNED = [[1, 0, 0, 1], [0, 0, -1, 3], [0, 1, 0, -2], [0, 0, 0, 1]]


@pytest.mark.parametrize("rows", [3, 4])
def test_an_applied_transform_is_undone(tmp_path: Path, rows: int) -> None:
    applied = [*APPLIED, [0, 0, 0, 1]][:rows]
    frames = [{"file_path": "a.png", "transform_matrix": TURNED}]
    (tmp_path / "transforms.json").write_text(json.dumps({**LENS_TEXT, "applied_transform": applied, "frames": frames}))
    (camera,) = read_cameras(tmp_path).cameras
    np.testing.assert_allclose(camera.camera_to_world[:3, 3], [1, 2, 3])
    np.testing.assert_allclose(camera.project(POINT), PIXEL, atol=1e-9)


def test_an_applied_transform_that_scales(tmp_path: Path) -> None:
    doubled = (2 * np.array(APPLIED)).tolist()
    pose = np.array(TURNED, dtype=float)
    pose[:3, 3] *= 2  # positions alone: poses keep their rotation
    values = {**LENS_TEXT, "applied_transform": doubled, "frames": [{"transform_matrix": pose.tolist()}]}
    (tmp_path / "t.json").write_text(json.dumps(values))
    (camera,) = read_cameras(tmp_path / "t.json").cameras
    np.testing.assert_allclose(camera.project(POINT), PIXEL, atol=1e-9)
    values["applied_transform"] = np.zeros((3, 4)).tolist()
    (tmp_path / "t.json").write_text(json.dumps(values))
    with pytest.raises(InputError, match="applied_transform: cannot be inverted"):
        read_cameras(tmp_path / "t.json")


@pytest.mark.parametrize("scale", [None, 1, 0.25, 8.0])
def test_an_applied_scale_is_undone(tmp_path: Path, scale: float | None) -> None:
    pose = np.array(TURNED, dtype=float)
    pose[:3, 3] *= scale or 1  # nerfstudio scales what it has transformed
    values = {**LENS_TEXT, "applied_transform": APPLIED, "applied_scale": scale}
    values["frames"] = [{"file_path": "a.png", "transform_matrix": pose.tolist()}]
    (tmp_path / "t.json").write_text(json.dumps(values))
    (camera,) = read_cameras(tmp_path / "t.json").cameras
    np.testing.assert_allclose(camera.camera_to_world[:3, 3], [1, 2, 3])
    np.testing.assert_allclose(camera.project(POINT), PIXEL, atol=1e-9)


@pytest.mark.parametrize(
    ("scale", "said"), [(0, "is 0; wanted more than 0"), (-2, "is -2"), ("two", "is 'two', no number")]
)
def test_an_applied_scale_that_is_none_is_refused(tmp_path: Path, scale: object, said: str) -> None:
    values = {**LENS_TEXT, "applied_scale": scale, "frames": [{"transform_matrix": OPENGL}]}
    (tmp_path / "t.json").write_text(json.dumps(values))
    with pytest.raises(InputError, match=f"t.json: applied_scale {said}"):
        read_cameras(tmp_path / "t.json")


def test_dataparser_transforms_beside_exported_cameras_lead_back(tmp_path: Path) -> None:
    # The dataparser turned, moved by (0, 0, 7), and then scaled positions by 0.5.
    moved = [[*row[:3], shift] for row, shift in zip(APPLIED, (0, 0, 7), strict=True)]
    pose = np.array(TURNED, dtype=float)
    pose[:3, 3] = 0.5 * (pose[:3, 3] + [0, 0, 7])
    (tmp_path / "train.json").write_text(json.dumps([{"file_path": "a.png", "transform": pose[:3].tolist()}]))
    stays = read_cameras(tmp_path / "train.json", lens=LENS)
    assert stays.notes == ("they stay in the dataparser's world, as dataparser_transforms.json is not beside them",)
    np.testing.assert_allclose(stays.cameras[0].camera_to_world[:3, 3], [0.5, 1.5, 2.5])
    (tmp_path / "dataparser_transforms.json").write_text(json.dumps({"transform": moved, "scale": 0.5}))
    found = read_cameras(tmp_path / "train.json", lens=LENS)
    assert found.notes == ()
    np.testing.assert_allclose(found.cameras[0].project(POINT), PIXEL, atol=1e-9)
    with pytest.raises(InputError, match="has no intrinsics; give them with --intrinsics"):
        read_cameras(tmp_path / "train.json")


def test_intrinsics_of_a_frame_come_before_those_of_the_file(tmp_path: Path) -> None:
    frames = [
        {"file_path": "a", "transform_matrix": OPENGL},
        {"file_path": "b", "transform_matrix": OPENGL, "fl_x": 200, "fl_y": 200, "k1": 0.1},
    ]
    (tmp_path / "t.json").write_text(json.dumps({**LENS_TEXT, "frames": frames}))
    first, second = read_cameras(tmp_path / "t.json").cameras
    assert (first.lens, first.distortion) == (LENS, None)
    assert second.lens == LENS._replace(fx=200, fy=200)
    assert second.distortion is not None
    assert second.distortion.parameters[0] == 0.1


def test_a_frame_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    bad = {"file_path": "bad", "transform_matrix": [[float("-inf")] * 4] * 4}
    frames = [{"file_path": "a", "transform_matrix": OPENGL}, bad, {"file_path": "c", "transform_matrix": 3}]
    (tmp_path / "t.json").write_text(json.dumps({**LENS_TEXT, "frames": frames}))
    found = read_cameras(tmp_path / "t.json")
    assert [camera.name for camera in found.cameras] == ["a"]
    assert found.notes == (
        "2 of 3 frames are left out, such as frame 1: a pose is not finite (-inf in row 1, column 1); leave it out",
    )
    (tmp_path / "t.json").write_text(json.dumps({**LENS_TEXT, "frames": frames[1:]}))
    with pytest.raises(InputError, match=r"t\.json, frame 0: a pose is not finite"):
        read_cameras(tmp_path / "t.json")


def test_a_frame_of_blender_without_its_picture_is_left_out(tmp_path: Path) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "a.png")
    frames = [{"file_path": name, "transform_matrix": OPENGL} for name in ("a", "gone")]
    (tmp_path / "t.json").write_text(json.dumps({"camera_angle_x": 0.8, "frames": frames}))
    found = read_cameras(tmp_path / "t.json")
    assert [(camera.name, camera.size) for camera in found.cameras] == [("a", (48, 64))]
    assert len(found.notes) == 1
    assert found.notes[0].startswith("1 of 2 frames is left out: frame 1: has no w and h, and its picture is not there")
    with pytest.raises(InputError, match=r"t\.json: has intrinsics of its own; leave --intrinsics"):
        read_cameras(tmp_path / "t.json", lens=LENS)  # which would be those of the second one
    (tmp_path / "a.png").unlink()
    assert [camera.lens for camera in read_cameras(tmp_path / "t.json", lens=LENS).cameras] == [LENS, LENS]
