"""ARKitScenes: `lowres_wide.traj` and, beside it, `lowres_wide_intrinsics/VIDEO_TIME.pincam`.

A line of a .traj is `time rx ry rz tx ty tz`: world-to-camera, OpenCV's axes, the rotation as axis times angle in
radians. A .pincam is `width height fx fy cx cy`, with the centre of the top left pixel at (0, 0) as ARKit has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.files import (
    CameraFile,
    lost,
    needed_lens,
    no_distortion,
    numbers,
    picture_near,
    read_text,
    rows,
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
    pincams = _by_time(sorted((base / f"{stem}_intrinsics").glob("*.pincam")))
    found = rows(trajectory, [7])
    cameras, without = [], 0
    for line, (time, *values) in found:
        where = f"{trajectory}, line {line}"
        vector = np.array(values[:3])
        if not np.isfinite(vector).all():
            raise InputError(f"{where}: the rotation is not finite")
        pose = inverse(checked_pose(where, rigid(rotation_of_vector(vector), np.array(values[3:]))))
        near = min(pincams, key=lambda other: abs(other - time)) if pincams else None
        if near is not None and abs(near - time) <= _SAME_TIME:
            file = pincams[near]
            cameras.append(NamedCamera(_name(file), pose, _pincam(file), picture_near(base / stem, file.stem)))
        elif pincams and lens is None:
            without += 1  # ARKitScenes has ten poses a second, and not for all of them a picture
        else:
            lens = needed_lens(trajectory, lens, f"no {stem}_intrinsics/*.pincam beside it")
            cameras.append(NamedCamera(f"{time:g}" if time == int(time) else f"{time!r}", pose, lens))
    if not cameras:
        raise InputError(f"{trajectory}: no .pincam is of the time of a pose")
    note = f"{without} of {len(found)} poses have no .pincam of their time and are left out"
    return CameraFile(cameras, (note,) if without else ())


def write(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """A folder with `lowres_wide.traj` and `lowres_wide_intrinsics`; names that are no times become 0, 1 and so on."""
    no_distortion(path, cameras, "arkitscenes")
    trajectory = path if path.suffix == ".traj" else path / "lowres_wide.traj"
    folder = trajectory.parent / f"{trajectory.stem}_intrinsics"
    folder.mkdir(parents=True, exist_ok=True)
    times, lines = timestamps(cameras), []
    for time, camera in zip(times, cameras, strict=True):
        pose = camera.world_to_camera
        numbers_ = [*vector_of_rotation(pose[:3, :3]).tolist(), *pose[:3, 3].tolist()]
        lines.append(" ".join([time, *map(repr, numbers_)]))
        fx, fy, cx, cy, width, height = camera.lens
        text = f"{width} {height} {fx!r} {fy!r} {cx - 0.5!r} {cy - 0.5!r}\n"
        (folder / f"{trajectory.parent.name}_{time}.pincam").write_text(text, encoding="utf-8")
    trajectory.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return lost(cameras, pictures=True, names=times != [c.name for c in cameras])


def detect(path: Path) -> bool:
    """Whether a path is a .traj file, or a folder that has one."""
    return path.suffix.lower() == ".traj" if not path.is_dir() else any(path.glob("*.traj"))


def _name(file: Path) -> str:
    return file.stem.rpartition("_")[2]


def _by_time(files: Sequence[Path]) -> dict[float, Path]:
    found = {}
    for file in files:
        try:
            found[float(_name(file))] = file
        except ValueError:
            raise InputError(f"{file}: wanted a name VIDEO_TIME.pincam") from None
    return found


def _pincam(file: Path) -> Lens:
    width, height, fx, fy, cx, cy = numbers(str(file), read_text(file), [6])
    return checked_lens(str(file), fx, fy, cx + 0.5, cy + 0.5, width, height)
