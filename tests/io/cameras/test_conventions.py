"""Each format's axes and pixels, by an example computed by hand.

The camera stands at (1, 2, 3), and its axes are the world's in OpenCV's sense. fx = fy = 100, 200 × 100 pixels, the
principal point in the middle of the picture: (100, 50) where the top left pixel's centre is at 0.5, and (99.5, 49.5)
where it is at 0. The point (1.5, 2.25, 4) is half a unit right, a quarter below, and one ahead: pixel (150, 75).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import Lens, read_cameras

OPENGL = [[1, 0, 0, 1], [0, -1, 0, 2], [0, 0, -1, 3], [0, 0, 0, 1]]
LENS = Lens(100, 100, 100, 50, 200, 100)
K0 = [[100, 0, 99.5], [0, 100, 49.5], [0, 0, 1]]
LENS_TEXT = {"fl_x": 100, "fl_y": 100, "cx": 100, "cy": 50, "w": 200, "h": 100}
OPEN3D = {
    "class_name": "PinholeCameraParameters",
    "extrinsic": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, -1, -2, -3, 1],
    "intrinsic": {"height": 100, "width": 200, "intrinsic_matrix": [100, 0, 0, 0, 100, 0, 99.5, 49.5, 1]},
}
POLYCAM = {f"t_{r}{c}": OPENGL[r][c] for r in range(3) for c in range(4)}
POLYCAM |= {"fx": 100, "fy": 100, "cx": 99.5, "cy": 49.5, "width": 200, "height": 100}
FILES = {
    "colmap": {
        "cameras.txt": "1 SIMPLE_PINHOLE 200 100 100 100 50\n",
        "images.txt": "1 1 0 0 0 -1 -2 -3 1 a b.png\n\n",
    },
    "nerfstudio": {"t.json": json.dumps({**LENS_TEXT, "frames": [{"file_path": "a", "transform_matrix": OPENGL}]})},
    # tan(angle / 2) = 100 / 100
    "blender": {
        "t.json": json.dumps(
            {"camera_angle_x": np.pi / 2, "w": 200, "h": 100, "frames": [{"transform_matrix": OPENGL}]}
        )
    },
    "opencv": {
        "c.json": json.dumps(
            {"camera_matrix": K0, "image_width": 200, "image_height": 100, "rvec": [0, 0, 0], "tvec": [-1, -2, -3]}
        )
    },
    "open3d": {"c.json": json.dumps(OPEN3D)},
    "scannet": {
        "pose/0.txt": "1 0 0 1\n0 1 0 2\n0 0 1 3\n0 0 0 1\n",
        "pose/1.txt": "-inf " * 16,
        "intrinsic/intrinsic_color.txt": "100 0 99.5 0\n0 100 49.5 0\n0 0 1 0\n0 0 0 1\n",
        "scene.txt": "colorHeight = 100\ncolorWidth = 200\n",
    },
    "polycam": {"keyframes/corrected_cameras/1.json": json.dumps(POLYCAM)},
    "arkitscenes": {
        "lowres_wide.traj": "5.123 0 0 0 -1 -2 -3\n",
        "lowres_wide_intrinsics/v_5.123.pincam": "200 100 100 100 99.5 49.5\n",
    },
    "tum": {"t.txt": "# a comment\n0.5 1 2 3 0 0 0 1\n"},
    "kitti": {"t.txt": "1 0 0 1 0 1 0 2 0 0 1 3\n"},
}


# The same camera turned: its x, y and z are the world's -y, -z and x. A rotation by 120° about (-1, 1, -1) brings the
# world's axes there. Half a unit right, a quarter below and one ahead of it is (2, 1.5, 2.75): pixel (150, 75) as well.
TURNED_OPENGL = [[0, 0, -1, 1], [-1, 0, 0, 2], [0, 1, 0, 3], [0, 0, 0, 1]]
ROTATION_VECTOR = [2 * np.pi / 3 / np.sqrt(3) * sign for sign in (1, -1, 1)]  # world-to-camera
TURNED: dict[str, list[tuple[str, str]]] = {
    "colmap": [("1 1 0 0 0 -1 -2 -3", "1 0.5 0.5 -0.5 0.5 2 3 -1")],
    "nerfstudio": [(json.dumps(OPENGL), json.dumps(TURNED_OPENGL))],
    "blender": [(json.dumps(OPENGL), json.dumps(TURNED_OPENGL))],
    "opencv": [("[0, 0, 0]", json.dumps(ROTATION_VECTOR)), ("[-1, -2, -3]", "[2, 3, -1]")],
    "open3d": [(json.dumps(OPEN3D["extrinsic"]), "[0, 0, 1, 0, -1, 0, 0, 0, 0, -1, 0, 0, 2, 3, -1, 1]")],
    "scannet": [("1 0 0 1\n0 1 0 2\n0 0 1 3\n", "0 0 1 1\n-1 0 0 2\n0 -1 0 3\n")],
    "polycam": [
        (f'"t_{r}{c}": {OPENGL[r][c]}', f'"t_{r}{c}": {TURNED_OPENGL[r][c]}') for r in range(3) for c in range(4)
    ],
    "arkitscenes": [("0 0 0 -1 -2 -3", " ".join(map(repr, [*map(float, ROTATION_VECTOR), 2, 3, -1])))],
    "tum": [("1 2 3 0 0 0 1", "1 2 3 -0.5 0.5 -0.5 0.5")],
    "kitti": [("1 0 0 1 0 1 0 2 0 0 1 3", "0 0 1 1 -1 0 0 2 0 -1 0 3")],
}


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", FILES)
def test_a_point_falls_on_the_pixel_computed_by_hand(tmp_path: Path, name: str, turned: bool) -> None:
    for file, text in FILES[name].items():
        for straight, other in TURNED[name] if turned else ():
            text = text.replace(straight, other)
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    path = tmp_path / next(iter(FILES[name])) if len(FILES[name]) == 1 and name != "polycam" else tmp_path
    (camera,) = read_cameras(path, name, LENS if name in ("tum", "kitti") else None).cameras
    point = [2.0, 1.5, 2.75] if turned else [1.5, 2.25, 4.0]
    np.testing.assert_allclose(camera.project(np.array([point])), [[150.0, 75.0]], atol=1e-9)


@pytest.mark.parametrize(
    ("pose", "said"),
    [
        ("0.5 1 2 3 0 0 0 0", "a quaternion is"),
        ("0.5 1 2 nan 0 0 0 1", "not finite"),
        ("0.5 1 2", "has 3 numbers, wanted 8"),
    ],
)
def test_damaged_poses_are_refused(tmp_path: Path, pose: str, said: str) -> None:
    (tmp_path / "t.txt").write_text(pose + "\n")
    with pytest.raises(InputError, match=said):
        read_cameras(tmp_path / "t.txt", "tum", LENS)


def test_a_huge_count_in_a_small_binary_file_is_refused(tmp_path: Path) -> None:
    for name in ("cameras.bin", "images.bin"):
        (tmp_path / name).write_bytes(b"\xff" * 8 + b"\0" * 40)
    with pytest.raises(InputError, match="is damaged: says that"):
        read_cameras(tmp_path)
