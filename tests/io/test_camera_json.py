"""Camera files in each convention."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from tvdrnet_nv import Camera, Orbit
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_camera


def test_cameras_are_read_in_each_convention(tmp_path: Path) -> None:
    camera = Orbit.create(4.0, 25.0, 130.0, 50.0, (0.5, 1.0, -2.0)).camera()
    camera = camera.replace(principal=torch.tensor([[0.05, -0.1]]))
    opencv = camera.to_opencv((48, 64))
    lens = {"focal": camera.focal[0].tolist(), "principal": camera.principal[0].tolist()}
    forms = {
        "pytorch3d": {"R": camera.R[0].tolist(), "T": camera.T[0].tolist(), **lens},
        "opengl": {"camera_to_world": camera.to_camera_to_world()[0].tolist(), **lens},
        "opencv": {
            "opencv": {"R": opencv.R[0].tolist(), "t": opencv.t[0].tolist(), "K": opencv.K[0].tolist()},
            "image_size": {"width": 64, "height": 48},
        },
        "ours": {"camera": camera.to_dict(), "near": 0.5, "light": {"location": [1, 2, 3]}, "antialias": False},
    }
    for name, values in forms.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(values))
        saved = load_camera(path)
        assert isinstance(saved.viewpoint, Camera)
        found = saved.viewpoint.pack().float()
        torch.testing.assert_close(found, camera.pack(), rtol=0, atol=0 if name == "ours" else 1e-5)
        assert saved.resolution == ((48, 64) if name == "opencv" else None)
    assert (saved.near, saved.far, saved.light, saved.antialias) == (0.5, None, (1.0, 2.0, 3.0), False)
    (tmp_path / "fov.json").write_text(json.dumps({"R": camera.R[0].tolist(), "T": [0, 0, 1], "fov": 35}))
    assert float(load_camera(tmp_path / "fov.json").viewpoint.fov) == pytest.approx(35.0)


def test_keys_that_are_not_read_and_a_missing_lens_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "camera.json"
    pose = {"R": torch.eye(3).tolist(), "T": [0, 0, 4]}
    for values, notes in (
        ({**pose, "fov": 50, "name": "a"}, ()),
        ({**pose, "fov": 50, "fovy": 4, "k": 1}, ("keys that are not used: fovy, k",)),
        (pose, ("it has neither fov nor focal; a field of view of 60° is taken",)),
        ({"distance": 2, "elevation": 3, "azimuth": 4, "fow": 5}, ("keys that are not used: fow",)),
        ({"distance": 2, "elevation": 3, "azimuth": 4, "initial_distance": 3, "epochs": 5}, ()),
    ):
        path.write_text(json.dumps(values))
        assert load_camera(path).notes == notes


@pytest.mark.parametrize("text", ['{"R":\n [1, 0', '{"R": [1, 0]]'])
def test_a_file_that_is_no_json_says_where(tmp_path: Path, text: str) -> None:
    (tmp_path / "camera.json").write_text(text)
    with pytest.raises(InputError, match=r"camera\.json: is not JSON, or is truncated \(line \d, column \d+: "):
        load_camera(tmp_path / "camera.json")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"near": -5}, "near must be positive and finite"),
        ({"near": float("nan")}, "near must be positive and finite"),
        ({"far": float("inf")}, "far must be positive and finite"),
        ({"light": {"location": [0, float("nan"), 0]}}, "light must be at three finite numbers"),
        ({"image_size": {"width": 0, "height": 5}}, "image_size must be 1 to 16384 pixels a side, got 0 x 5"),
        ({"image_size": {"width": float("inf"), "height": 5}}, "image_size must be whole numbers of pixels, got inf x"),
        ({"image_size": {"width": 2.5, "height": 5}}, "image_size must be whole numbers of pixels, got 2.5 x 5"),
        ({"image_size": [0, 3]}, r"image_size must be an object such as .*, got \[0, 3\]"),
        ({"image_size": {"width": None, "height": 5}}, "image_size's width must be a number, got null"),
        ({"image_size": 3, "opencv": {"R": 1}, "distance": None}, "image_size must be an object"),
        ({"light": [0, 3]}, "light must be an object such as"),
        ({"light": {"location": [1, 2]}}, r"light's location must be three numbers, got \[1, 2\]"),
        ({"near": [1]}, r"near must be a number, got \[1\]"),
        ({"background": [1, 2, 3, 4]}, r"background must be three numbers, got"),
        ({"distance": [[1, 2], [3]]}, "distance must be a number, a sequence of numbers"),
        ({"camera": [1]}, 'camera must be an object {"R", "T", "focal"}'),
        ({"camera": {"R": "a", "T": 1, "focal": 1}}, "camera's R must be made of numbers"),
        ({"antialias": "no"}, "antialias must be true or false"),
    ],
)
def test_what_cannot_be_used_beside_the_camera_is_refused(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    path = tmp_path / "camera.json"
    path.write_text(json.dumps({"distance": 3, "elevation": 10, "azimuth": 20, **values}), encoding="utf-8")
    with pytest.raises(InputError, match=f"camera.json: .*{said}"):
        load_camera(path)
