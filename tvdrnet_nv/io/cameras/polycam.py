"""Polycam's raw data: one JSON file for each picture, in `keyframes/corrected_cameras` or `keyframes/cameras`.

`t_00` to `t_23` are the camera-to-world rows, OpenGL's camera axes, in the world of Polycam's own mesh (y up). The
intrinsics are ARKit's: the centre of the top left pixel is at (0, 0).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.files import (
    CameraFile,
    cameras_of,
    lost,
    mapping,
    no_distortion,
    picture_near,
    read_json,
    write_file,
)
from tvdrnet_nv.io.cameras.record import NamedCamera, checked_lens, checked_pose, flip_yz, number

_FOLDERS = ("keyframes/corrected_cameras", "corrected_cameras", "keyframes/cameras", "cameras")
_ENTRIES = [f"t_{row}{column}" for row in range(3) for column in range(4)]


def read(path: Path, lens: object = None) -> CameraFile:
    """See `read_cameras`; the capture's folder, `keyframes`, the folder of JSON files, or one of them."""
    files = [path] if path.is_file() else _files(path)
    if not files:
        raise InputError(f"{path}: has no keyframes/corrected_cameras/*.json or keyframes/cameras/*.json")
    return cameras_of(path, "cameras", files, lambda _, file: _camera(file))


def _camera(file: Path) -> NamedCamera:
    where, values = str(file), mapping(str(file), read_json(file))
    pose = [number(f"{where}: {name}", values.get(name)) for name in _ENTRIES]
    cx, cy = (number(f"{where}: {name}", values.get(name)) + 0.5 for name in ("cx", "cy"))
    found = checked_lens(where, values.get("fx"), values.get("fy"), cx, cy, values.get("width"), values.get("height"))
    images = file.parent.with_name(file.parent.name.replace("cameras", "images"))
    return NamedCamera(file.stem, flip_yz(checked_pose(where, pose)), found, picture_near(images, file.stem))


def write(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """A capture's folder with `keyframes/corrected_cameras`; names become file names."""
    no_distortion(path, cameras, "polycam")
    folder = path / "keyframes" / "corrected_cameras"
    named = all(Path(c.name).name == c.name and c.name for c in cameras) and len({c.name for c in cameras}) == len(
        cameras
    )
    for k, camera in enumerate(cameras):
        entries = dict(zip(_ENTRIES, flip_yz(camera.camera_to_world)[:3].reshape(-1).tolist(), strict=True))
        fx, fy, cx, cy, width, height = camera.lens
        facts = {"fx": fx, "fy": fy, "cx": cx - 0.5, "cy": cy - 0.5, "width": width, "height": height, **entries}
        name = camera.name if named else f"{k:06d}"
        write_file(folder / f"{name}.json", json.dumps(facts, indent=1) + "\n")
    return lost(cameras, pictures=True, names=not named)


def detect(path: Path) -> bool:
    """Whether the first JSON file of a capture has t_00."""
    files = [path] if path.is_file() and path.suffix.lower() == ".json" else _files(path)
    if not files:
        return False
    try:
        values = read_json(files[0])
    except InputError:
        return False
    return isinstance(values, dict) and "t_00" in values


def _files(path: Path) -> list[Path]:
    for folder in (*(path / name for name in _FOLDERS), path):
        files = sorted(folder.glob("*.json")) if folder.is_dir() else []
        if files and (folder != path or path.name.endswith("cameras")):
            return files
    return []
