"""ARKitScenes: `lowres_wide.traj` and, beside it, `lowres_wide_intrinsics/VIDEO_TIME.pincam`.

A line of a .traj is `time rx ry rz tx ty tz`: world-to-camera, OpenCV's axes, the rotation as axis times angle in
radians. A .pincam is `width height fx fy cx cy`, with the centre of the top left pixel at (0, 0) as ARKit has it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.files import (
    CameraFile,
    data_lines,
    left_out,
    lost,
    needed_lens,
    no_distortion,
    numbers,
    picture_near,
    read_text,
    readable,
    write_file,
)
from tvdrnet_nv.io.cameras.record import (
    Lens,
    NamedCamera,
    checked_lens,
    checked_pose,
    inverse,
    rigid,
    rotation_of_vector,
    vector_of_rotation,
)
from tvdrnet_nv.io.cameras.trajectories import timestamps

_SAME_TIME = 0.005  # seconds; .traj files and names of .pincam files are rounded differently


def read(path: Path, lens: Lens | None) -> CameraFile:
    """See `read_cameras`; a .traj file, or the folder that has one."""
    trajectory = path if path.is_file() else next(iter(sorted(path.glob("*.traj"))), None)
    if trajectory is None:
        raise InputError(f"{path}: has no .traj file")
    base = trajectory.parent
    stem = trajectory.stem
    files = sorted((base / f"{stem}_intrinsics").glob("*.pincam"))
    pincams, misnamed = readable(files, lambda _, file: (_time(file), file))
    if not pincams:
        lens = needed_lens(trajectory, lens, f"no {stem}_intrinsics/*.pincam beside it")

    def camera(_: int, numbered: tuple[int, str]) -> NamedCamera | None:
        time, pose = _pose(f"{trajectory}, line {numbered[0]}", numbered[1])
        near, file = min(pincams, key=lambda pincam: abs(pincam[0] - time), default=(math.inf, None))
        if file is not None and abs(near - time) <= _SAME_TIME:
            return NamedCamera(_name(file), pose, _pincam(file), picture_near(base / stem, file.stem))
        if lens is None:
            return None  # ARKitScenes has ten poses a second, and not for all of them a picture
        return NamedCamera(f"{time:g}" if time == int(time) else f"{time!r}", pose, lens)

    lines = data_lines(trajectory)
    found, faults = readable(lines, camera)
    cameras = [one for one in found if one is not None]
    if not cameras:
        raise InputError(f"{trajectory}: no .pincam is of the time of a pose")
    notes = [*left_out(base, "pincam files", misnamed, len(files)), *left_out(base, "lines", faults, len(lines))]
    without = len(found) - len(cameras)
    if without:
        notes.append(f"{without} of {len(lines)} poses have no .pincam of their time and are left out")
    return CameraFile(cameras, tuple(notes))


def _pose(where: str, text: str) -> tuple[float, np.ndarray]:
    """The time and the camera-to-world matrix of a line."""
    time, *values = numbers(where, text, [7])
    if not np.isfinite([time, *values]).all():
        raise InputError(f"{where}: the pose is not finite")
    rotation = rotation_of_vector(where, np.array(values[:3]))
    return time, inverse(checked_pose(where, rigid(rotation, np.array(values[3:]))))


def write(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """A folder with `lowres_wide.traj` and `lowres_wide_intrinsics`; names that are no times become 0, 1 and so on."""
    no_distortion(path, cameras, "arkitscenes")
    trajectory = path if path.suffix == ".traj" else path / "lowres_wide.traj"
    folder = trajectory.parent / f"{trajectory.stem}_intrinsics"
    times, lines = timestamps(cameras), []
    for time, camera in zip(times, cameras, strict=True):
        pose = camera.world_to_camera
        numbers_ = [*vector_of_rotation(pose[:3, :3]).tolist(), *pose[:3, 3].tolist()]
        lines.append(" ".join([time, *map(repr, numbers_)]))
        fx, fy, cx, cy, width, height = camera.lens
        text = f"{width} {height} {fx!r} {fy!r} {cx - 0.5!r} {cy - 0.5!r}\n"
        write_file(folder / f"{trajectory.parent.name}_{time}.pincam", text)
    write_file(trajectory, "\n".join(lines) + "\n")
    return lost(cameras, pictures=True, names=times != [c.name for c in cameras])


def detect(path: Path) -> bool:
    """Whether a path is a .traj file, or a folder that has one."""
    return path.suffix.lower() == ".traj" if not path.is_dir() else any(path.glob("*.traj"))


def _name(file: Path) -> str:
    return file.stem.rpartition("_")[2]


def _time(file: Path) -> float:
    try:
        return float(_name(file))
    except ValueError:
        raise InputError(f"{file}: wanted a name VIDEO_TIME.pincam") from None


def _pincam(file: Path) -> Lens:
    width, height, fx, fy, cx, cy = numbers(str(file), read_text(file), [6])
    return checked_lens(str(file), fx, fy, cx + 0.5, cy + 0.5, width, height)
