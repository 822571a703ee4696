"""Trajectories without intrinsics: TUM's and KITTI's. Both are camera-to-world with OpenCV's axes.

TUM: a line `timestamp tx ty tz qx qy qz qw` for each camera, named by its timestamp. KITTI: a line with the 12 numbers
of a 3×4 matrix, by rows, or the 16 of a 4×4 one, as the `traj.txt` of rendered Replica scenes; cameras are numbered
from 0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tvdrnet_nv.io.cameras.files import (
    CameraFile,
    cameras_of,
    data_lines,
    decoded,
    is_data,
    lost,
    needed_lens,
    numbers,
    words,
    write_file,
)
from tvdrnet_nv.io.cameras.record import (
    Lens,
    NamedCamera,
    checked_pose,
    quaternion_of_rotation,
    rigid,
    rotation_of_quaternion,
)

_WITHOUT = "a trajectory has no intrinsics"
SUFFIXES = (".txt", ".tum", ".kitti", ".freiburg", ".csv")
_LOOKED_AT = 20  # lines, of which one may be damaged, or a header


def read_tum(path: Path, lens: Lens | None) -> CameraFile:
    """See `read_cameras`."""
    found, lens = data_lines(path), needed_lens(path, lens, _WITHOUT)

    def camera(_: int, numbered: tuple[int, str]) -> NamedCamera:
        where, line = f"{path}, line {numbered[0]}", numbered[1]
        x, y, z, qx, qy, qz, qw = numbers(where, line, [8])[1:]
        pose = rigid(rotation_of_quaternion(where, qw, qx, qy, qz), np.array([x, y, z]))
        return NamedCamera(words(line)[0], checked_pose(where, pose), lens)

    return cameras_of(path, "lines", found, camera)


def read_kitti(path: Path, lens: Lens | None) -> CameraFile:
    """See `read_cameras`; a line that is left out keeps its number."""
    found, lens = data_lines(path), needed_lens(path, lens, _WITHOUT)

    def camera(k: int, numbered: tuple[int, str]) -> NamedCamera:
        where = f"{path}, line {numbered[0]}"
        return NamedCamera(str(k), checked_pose(where, numbers(where, numbered[1], [12, 16])), lens)

    return cameras_of(path, "lines", found, camera)


def write_tum(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """The names are the timestamps, where all of them are numbers; otherwise 0, 1 and so on."""
    times = timestamps(cameras)
    lines = ["# timestamp tx ty tz qx qy qz qw"]
    for time, camera in zip(times, cameras, strict=True):
        w, x, y, z = quaternion_of_rotation(camera.camera_to_world[:3, :3]).tolist()
        lines.append(" ".join([time, *map(repr, [*camera.camera_to_world[:3, 3].tolist(), x, y, z, w])]))
    write_file(path, "\n".join(lines) + "\n")
    return lost(cameras, lens=True, pictures=True, names=times != [c.name for c in cameras])


def write_kitti(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """One line for each camera."""
    lines = [" ".join(map(repr, camera.camera_to_world[:3].reshape(-1).tolist())) for camera in cameras]
    write_file(path, "\n".join(lines) + "\n")
    return lost(cameras, lens=True, pictures=True, names=True)


def timestamps(cameras: Sequence[NamedCamera]) -> list[str]:
    """The cameras' names, where they are times that differ; otherwise 0, 1 and so on."""
    names = [camera.name for camera in cameras]
    times = all(re.fullmatch(r"\d+(\.\d+)?", name) for name in names) and len(set(names)) == len(names)
    return names if times else [str(k) for k in range(len(names))]


def detect_tum(path: Path) -> bool:
    """Whether most lines at the beginning of a text file have 8 numbers."""
    return _width(path) == 8


def detect_kitti(path: Path) -> bool:
    """Whether most lines at the beginning of a text file have 12 numbers, or 16."""
    return _width(path) in (12, 16)


def _width(path: Path) -> int:
    """How many numbers most of the first lines have; 0 where that is none."""
    if not path.is_file() or path.suffix.lower() not in SUFFIXES:
        return 0
    with path.open("rb") as file:
        text = decoded(file.read(1 << 16))
    lines = [line for line in text.splitlines() if is_data(line)]
    return Counter(map(_numbers_in, lines[:_LOOKED_AT])).most_common(1)[0][0] if lines else 0


def _numbers_in(line: str) -> int:
    """How many numbers a line has; 0 where a word is none."""
    try:
        return len([float(word) for word in words(line)])
    except ValueError:
        return 0
