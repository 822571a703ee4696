"""Trajectories without intrinsics: TUM's and KITTI's. Both are camera-to-world with OpenCV's axes.

TUM: a line `timestamp tx ty tz qx qy qz qw` for each camera, named by its timestamp. KITTI: a line with the 12 numbers
of a 3×4 matrix, by rows; cameras are numbered from 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.files import CameraFile, is_data, lost, needed_lens, read_text, rows, words
from tvdrnet_nv.io.cameras.record import (
    Lens,
    NamedCamera,
    checked_pose,
    quaternion_of_rotation,
    rigid,
    rotation_of_quaternion,
)

_WITHOUT = "a trajectory has no intrinsics"


def read_tum(path: Path, lens: Lens | None) -> CameraFile:
    """See `read_cameras`."""
    found = rows(path, [8])
    lens = needed_lens(path, lens, _WITHOUT)
    lines = read_text(path).splitlines()
    cameras = []
    for line, (_, *values) in found:
        where = f"{path}, line {line}"
        x, y, z, qx, qy, qz, qw = values
        pose = rigid(rotation_of_quaternion(where, qw, qx, qy, qz), np.array([x, y, z]))
        cameras.append(NamedCamera(words(lines[line - 1])[0], checked_pose(where, pose), lens))
    return CameraFile(cameras)


def read_kitti(path: Path, lens: Lens | None) -> CameraFile:
    """See `read_cameras`."""
    found = rows(path, [12])
    lens = needed_lens(path, lens, _WITHOUT)
    poses = [checked_pose(f"{path}, line {line}", values) for line, values in found]
    return CameraFile([NamedCamera(str(k), pose, lens) for k, pose in enumerate(poses)])


def write_tum(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """The names are the timestamps, where all of them are numbers; otherwise 0, 1 and so on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times = timestamps(cameras)
    lines = ["# timestamp tx ty tz qx qy qz qw"]
    for time, camera in zip(times, cameras, strict=True):
        w, x, y, z = quaternion_of_rotation(camera.camera_to_world[:3, :3]).tolist()
        lines.append(" ".join([time, *map(repr, [*camera.camera_to_world[:3, 3].tolist(), x, y, z, w])]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return lost(cameras, lens=True, pictures=True, names=times != [c.name for c in cameras])


def write_kitti(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """One line for each camera."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [" ".join(map(repr, camera.camera_to_world[:3].reshape(-1).tolist())) for camera in cameras]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return lost(cameras, lens=True, pictures=True, names=True)


def timestamps(cameras: Sequence[NamedCamera]) -> list[str]:
    """The cameras' names, where they are times that differ; otherwise 0, 1 and so on."""
    names = [camera.name for camera in cameras]
    times = all(re.fullmatch(r"\d+(\.\d+)?", name) for name in names) and len(set(names)) == len(names)
    return names if times else [str(k) for k in range(len(names))]


def detect_tum(path: Path) -> bool:
    """Whether the first line of a text file has 8 numbers."""
    return _width(path) == 8


def detect_kitti(path: Path) -> bool:
    """Whether the first line of a text file has 12 numbers."""
    return _width(path) == 12


def _width(path: Path) -> int:
    if not path.is_file() or path.suffix.lower() not in (".txt", ".tum", ".kitti", ".freiburg", ".csv"):
        return 0
    with path.open("rb") as file:
        text = file.read(1 << 16).decode("utf-8-sig", errors="replace")
    first = next((line for line in text.splitlines() if is_data(line)), "")
    try:
        return len([float(word) for word in words(first)])
    except (ValueError, InputError):
        return 0
