"""This project's own JSON: `optimized_params.json`, `views.json`, what `load_camera` reads, and lists.

A list is `{"cameras": […]}`. Each has `name`, `opencv` (R, t, K) and `image_size`, and may have `picture`,
`distortion`, `near` and `far`. The centre of the top left pixel is at (0.5, 0.5).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.camera_json import camera_of, unused
from tvdrnet_nv.io.cameras.convert import from_camera
from tvdrnet_nv.io.cameras.files import (
    CameraFile,
    array,
    cameras_of,
    json_in,
    lost,
    mapping,
    read_json,
    relative,
    write_file,
)
from tvdrnet_nv.io.cameras.record import (
    Distortion,
    NamedCamera,
    checked_lens,
    checked_pose,
    distortion_of,
    inverse,
    number,
    pinhole,
)

START, FOUND = "start", "found"  # the cameras of a run
DEFAULT_SIDE = 512  # pixels, where a camera's file says nothing of its picture


def read(path: Path, lens: object = None) -> CameraFile:
    """See `read_cameras`."""
    values = mapping(str(path), read_json(path))
    many = values.get("cameras", values.get("views"))
    if many is None:
        return _with_notes(CameraFile([_camera(str(path), path, path.stem, values)]), [values])
    if not isinstance(many, list) or not many:
        raise InputError(f"{path}: holds no cameras")
    shared = {key: values[key] for key in ("image_size", "near", "far") if key in values}

    def camera(k: int, one: Any) -> NamedCamera:
        where = f"{path}, camera {k}"
        one = {**shared, **mapping(where, one)}
        return _camera(where, path, str(one.get("name") or Path(str(one.get("picture") or k)).stem), one)

    return _with_notes(
        cameras_of(path, "cameras", many, camera), [shared | one for one in many if isinstance(one, dict)]
    )


def _with_notes(found: CameraFile, values: Sequence[dict[str, Any]]) -> CameraFile:
    """With notes on what the entries hold that is not used, and where one does not say the size of its picture."""
    notes = [*found.notes, *dict.fromkeys(note for one in values for note in unused(one))]
    if not all(one.get("image_size") for one in values):
        notes.append(f"it has no image_size; pictures of {DEFAULT_SIDE}×{DEFAULT_SIDE} are taken")
    return replace(found, notes=tuple(notes))


def read_run(path: Path) -> CameraFile | None:
    """The cameras "start" and "found" of an `optimized_params.json`; None for another file."""
    values = read_json(path)
    if not isinstance(values, dict) or "initial_distance" not in values:
        return None
    initial = {name.removeprefix("initial_"): value for name, value in values.items() if name.startswith("initial_")}
    shared = {name: values[name] for name in ("up", "image_size", "near", "far") if name in values}
    return CameraFile(
        [_camera(f"{path}, the start", path, START, initial | shared), _camera(str(path), path, FOUND, values)]
    )


def write(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """One camera as `--camera` and `load_camera` read it; several as a list."""
    found = [_values(path, camera) for camera in cameras]
    text = json.dumps(found[0] if len(found) == 1 else {"cameras": found}, indent=1, ensure_ascii=False)
    write_file(path, (text + "\n").encode("utf-8", "backslashreplace"))  # of a name that is no text
    return lost(cameras, clip=False)


def detect(path: Path) -> bool:
    """Whether a JSON file has one of our keys."""
    values = json_in(path)
    return isinstance(values, dict) and bool(
        {"camera", "distance", "R", "camera_to_world", "opencv", "cameras", "views"} & set(values)
    )


def holds_record(path: Path) -> bool:
    """Whether a file holds several cameras, or one with OpenCV's R, t and K, which is exact in float64."""
    values = read_json(path)
    if not isinstance(values, dict):
        return False
    return (
        "cameras" in values
        or "views" in values
        or ("opencv" in values and not {"camera", "distance", "R"} & set(values))
    )


def _camera(where: str, path: Path, name: str, values: dict[str, Any]) -> NamedCamera:
    name = str(values.get("name") or name)
    clip = {key: number(f"{where}: {key}", values[key]) for key in ("near", "far") if values.get(key) is not None}
    picture = path.parent / str(values["picture"]) if values.get("picture") else None
    if "opencv" in values and "camera" not in values and "distance" not in values:
        given = mapping(f"{where}: opencv", values["opencv"])
        size = mapping(f"{where}: image_size", values.get("image_size"))
        K = array(f"{where}: K", given.get("K"), 9).reshape(3, 3)
        found = checked_lens(where, *pinhole(f"{where}: K", K), size.get("width"), size.get("height"))
        R = array(f"{where}: R", given.get("R"), 9).reshape(3, 3)
        t = array(f"{where}: t", given.get("t"), 3)[:, None]
        pose = inverse(checked_pose(where, np.concatenate([R, t], 1)))
        return NamedCamera(name, pose, found, picture, _distortion(where, values.get("distortion")), **clip)
    saved = camera_of(where, values)
    size = saved.resolution or (DEFAULT_SIDE, DEFAULT_SIDE)
    return replace(from_camera(saved.viewpoint, size, name), picture=picture, **clip)


def _distortion(where: str, values: Any) -> Distortion | None:
    if values is None:
        return None
    values = mapping(f"{where}: distortion", values)
    model = values.get("model")
    count = {"opencv": 8, "fisheye": 4}.get(str(model))
    if count is None:
        raise InputError(f"{where}: distortion model {str(model)[:40]} is not known; wanted opencv or fisheye")
    return distortion_of(str(model), array(f"{where}: distortion", values.get("parameters"), count).tolist())


def _values(path: Path, camera: NamedCamera) -> dict[str, Any]:
    matrix = camera.world_to_camera
    values: dict[str, Any] = {
        "name": camera.name,
        "opencv": {"R": matrix[:3, :3].tolist(), "t": matrix[:3, 3].tolist(), "K": camera.calibration(0.5).tolist()},
        "image_size": {"width": camera.lens.width, "height": camera.lens.height},
    }
    if camera.picture is not None:
        values["picture"] = relative(camera.picture, path.parent)
    if camera.distortion is not None:
        values["distortion"] = {"model": camera.distortion.model, "parameters": list(camera.distortion.parameters)}
    return values | {key: value for key in ("near", "far") if (value := getattr(camera, key)) is not None}
