"""Open3D's PinholeCameraParameters and PinholeCameraTrajectory, as JSON.

`extrinsic` is world-to-camera, OpenCV's axes, by columns; `intrinsic_matrix` is by columns, with the centre of the top
left pixel at (0, 0). Cameras have no names: they are numbered from 0.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.files import CameraFile, array, json_in, lost, mapping, no_distortion, read_json
from tvdrnet_nv.io.cameras.record import NamedCamera, checked_lens, checked_pose, inverse

_ONE, _MANY = "PinholeCameraParameters", "PinholeCameraTrajectory"


def read(path: Path, lens: object = None) -> CameraFile:
    """See `read_cameras`."""
    values = mapping(str(path), read_json(path))
    found = values.get("parameters") if values.get("class_name") == _MANY else [values]
    if not isinstance(found, list) or not found:
        raise InputError(f"{path}: has no parameters, so no cameras")
    return CameraFile([_camera(f"{path}, camera {k}", str(k), one) for k, one in enumerate(found)])


def _camera(where: str, name: str, values: Any) -> NamedCamera:
    values = mapping(where, values)
    intrinsic = mapping(f"{where}: intrinsic", values.get("intrinsic"))
    K = array(f"{where}: intrinsic_matrix", intrinsic.get("intrinsic_matrix"), 9).reshape(3, 3).T
    if abs(K[0, 1]) > 1e-9:
        raise InputError(f"{where}: intrinsic_matrix has skew {K[0, 1]:g}, which is not supported")
    size = intrinsic.get("width"), intrinsic.get("height")
    lens = checked_lens(where, K[0, 0], K[1, 1], K[0, 2] + 0.5, K[1, 2] + 0.5, *size)
    extrinsic = array(f"{where}: extrinsic", values.get("extrinsic"), 16).reshape(4, 4).T
    return NamedCamera(name, inverse(checked_pose(where, extrinsic)), lens)


def write(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """One PinholeCameraParameters for one camera, otherwise a PinholeCameraTrajectory."""
    no_distortion(path, cameras, "open3d")
    path.parent.mkdir(parents=True, exist_ok=True)
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
    path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    return lost(cameras, pictures=True, names=True)


def detect(path: Path) -> bool:
    """Whether a JSON file's class_name is one of Open3D's two."""
    values = json_in(path)
    return isinstance(values, dict) and values.get("class_name") in (_ONE, _MANY)
