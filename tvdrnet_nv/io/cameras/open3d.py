"""Open3D's PinholeCameraParameters and PinholeCameraTrajectory as JSON, and its trajectories `.log` (Redwood's).

`extrinsic` is world-to-camera, OpenCV's axes, by columns; `intrinsic_matrix` is by columns, with the centre of the top
left pixel at (0, 0). Cameras have no names: they are numbered from 0. A `.log` file has no intrinsics; for each camera
a line of three numbers, and its camera-to-world matrix in four lines.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.files import (
    CameraFile,
    array,
    cameras_of,
    data_lines,
    json_in,
    lost,
    mapping,
    needed_lens,
    no_distortion,
    numbers,
    read_json,
    write_file,
)
from tvdrnet_nv.io.cameras.record import Lens, NamedCamera, checked_lens, checked_pose, inverse, pinhole

_LOG = ".log"
SUFFIXES = (".json", _LOG)
_ONE, _MANY = "PinholeCameraParameters", "PinholeCameraTrajectory"
_OTHERS = {"PinholeCameraIntrinsic": "a lens without a pose", "ViewTrajectory": "a viewer's views without a lens"}


def read(path: Path, lens: Lens | None = None) -> CameraFile:
    """See `read_cameras`."""
    if path.suffix.lower() == _LOG:
        lens = needed_lens(path, lens, "a trajectory has no intrinsics")
        return _read_log(path, lens)
    values = mapping(str(path), read_json(path))
    kind = str(values.get("class_name"))
    if kind in _OTHERS:
        raise InputError(f"{path}: is Open3D's {kind}, which is {_OTHERS[kind]}; save a {_ONE} or {_MANY}")
    found = values.get("parameters") if values.get("class_name") == _MANY else [values]
    if not isinstance(found, list) or not found:
        raise InputError(f"{path}: has no parameters, so no cameras")
    return cameras_of(path, "cameras", found, lambda k, one: _camera(f"{path}, camera {k}", str(k), one))


def _read_log(path: Path, lens: Lens) -> CameraFile:
    """The cameras of a `.log` file."""
    lines = data_lines(path)

    def camera(k: int, first: int) -> NamedCamera:
        head, *matrix = lines[first : first + 5]
        where = f"{path}, line {head[0]}"
        numbers(where, head[1], [3])
        if len(matrix) < 4:
            raise InputError(f"{where}: wanted 4 lines of 4 numbers below it")
        pose = [numbers(f"{path}, line {line}", text, [4]) for line, text in matrix]
        return NamedCamera(str(k), checked_pose(where, np.array(pose)), lens)

    return cameras_of(path, "cameras", range(0, len(lines), 5), camera)


def _camera(where: str, name: str, values: Any) -> NamedCamera:
    values = mapping(where, values)
    intrinsic = mapping(f"{where}: intrinsic", values.get("intrinsic"))
    K = array(f"{where}: intrinsic_matrix", intrinsic.get("intrinsic_matrix"), 9).reshape(3, 3).T
    fx, fy, cx, cy = pinhole(f"{where}: intrinsic_matrix, by columns,", K)
    size = intrinsic.get("width"), intrinsic.get("height")
    lens = checked_lens(where, fx, fy, cx + 0.5, cy + 0.5, *size)
    extrinsic = array(f"{where}: extrinsic", values.get("extrinsic"), 16).reshape(4, 4).T
    return NamedCamera(name, inverse(checked_pose(where, extrinsic)), lens)


def write(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """One PinholeCameraParameters for one camera, otherwise a PinholeCameraTrajectory; or a `.log` file."""
    no_distortion(path, cameras, "open3d")
    if path.suffix.lower() == _LOG:
        lines = []
        for k, camera in enumerate(cameras):
            lines += [f"{k} {k} {k + 1}", *(" ".join(map(repr, row)) for row in camera.camera_to_world.tolist())]
        write_file(path, "\n".join(lines) + "\n")
        return lost(cameras, lens=True, pictures=True, names=True)
    version = {"version_major": 1, "version_minor": 0}
    parameters = [
        {
            "class_name": _ONE,
            "extrinsic": camera.world_to_camera.T.reshape(-1).tolist(),
            "intrinsic": {
                "height": camera.lens.height,
                "intrinsic_matrix": np.ravel(camera.calibration(0.0).T).tolist(),
                "width": camera.lens.width,
            },
            **version,
        }
        for camera in cameras
    ]
    values = parameters[0] if len(cameras) == 1 else {"class_name": _MANY, "parameters": parameters, **version}
    write_file(path, json.dumps(values, indent=1) + "\n")
    return lost(cameras, pictures=True, names=True)


def detect(path: Path) -> bool:
    """Whether a JSON file's class_name is one of Open3D's, or a `.log` file begins with three numbers."""
    if path.suffix.lower() == _LOG and path.is_file():
        with path.open("rb") as file:
            words = file.readline(256).split()
        return len(words) == 3 and all(word.lstrip(b"-").isdigit() for word in words)
    values = json_in(path)
    return isinstance(values, dict) and values.get("class_name") in (_ONE, _MANY, *_OTHERS)
