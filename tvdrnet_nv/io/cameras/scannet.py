"""ScanNet's folders: `pose/N.txt` (camera-to-world, OpenCV's axes), `intrinsic/intrinsic_color.txt`, `color/N.jpg`.

The centre of the top left pixel is at (0, 0). A pose that was not tracked is −inf in all numbers, and left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.files import (
    CameraFile,
    left_out,
    lost,
    needed_lens,
    no_distortion,
    numbers,
    one_lens,
    picture_near,
    picture_size,
    read_text,
    readable,
    write_file,
)
from tvdrnet_nv.io.cameras.record import Lens, NamedCamera, checked_lens, checked_pose, number, pinhole

_LENS_OF_FACTS = ("fx_color", "fy_color", "mx_color", "my_color", "colorWidth", "colorHeight")


def read(path: Path, lens: Lens | None) -> CameraFile:
    """See `read_cameras`; the scene's folder, or its folder `pose`."""
    scene = path.parent if path.name == "pose" else path
    files = sorted((scene / "pose").glob("*.txt"), key=lambda file: (len(file.stem), file.stem))
    if not files:
        raise InputError(f"{scene / 'pose'}: has no N.txt files, so no poses")
    found, faults = readable(files, lambda _, file: (file.stem, _pose(file)))
    poses = [(name, pose) for name, pose in found if pose is not None]
    if not poses:
        why = f"{scene / 'pose'}: there are no cameras: of {len(files)} poses, {len(found)} not tracked (infinite)"
        raise InputError(f"{why}, {len(faults)} broken, such as {faults[0]}" if faults else why)
    given = _lens(scene, poses[0][0], lens)
    cameras = [NamedCamera(name, pose, given, picture_near(scene / "color", name)) for name, pose in poses]
    notes = left_out(scene, "poses", faults, len(files))
    untracked = [name for name, pose in found if pose is None]
    if untracked:
        be = "is" if len(untracked) == 1 else "are"
        some = ", ".join(untracked[:3]) + (", …" if len(untracked) > 3 else "")
        notes = (f"{len(untracked)} of {len(files)} poses {be} infinite (not tracked) and left out: {some}", *notes)
    return CameraFile(cameras, notes)


def _pose(file: Path) -> np.ndarray | None:
    """Camera-to-world; None where the camera was not tracked."""
    found = numbers(str(file), read_text(file), [16])
    return None if any(math.isinf(value) for value in found) else checked_pose(str(file), found)


def write(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """A scene's folder; frames whose names are no numbers are numbered from 0. The size goes to NAME.txt."""
    no_distortion(path, cameras, "scannet")
    lens = one_lens(path, cameras, "scannet").lens
    numbered = all(camera.name.isdecimal() for camera in cameras) and len({c.name for c in cameras}) == len(cameras)
    for k, camera in enumerate(cameras):
        name = camera.name if numbered else str(k)
        write_file(path / "pose" / f"{name}.txt", _matrix(camera.camera_to_world))
    K = np.eye(4)
    K[:3, :3] = cameras[0].calibration(0.0)
    write_file(path / "intrinsic" / "intrinsic_color.txt", _matrix(K))
    facts = f"colorHeight = {lens.height}\ncolorWidth = {lens.width}\n"
    write_file(path / f"{path.name}.txt", facts)
    return lost(cameras, pictures=True, names=not numbered)


def detect(path: Path) -> bool:
    """Whether a folder has `pose` and `intrinsic`, or is that `pose`."""
    scene = path.parent if path.name == "pose" else path
    return (scene / "pose").is_dir() and any((scene / "pose").glob("*.txt"))


def _lens(scene: Path, frame: str, given: Lens | None) -> Lens:
    """That of intrinsic_color.txt, or else of SCENE.txt."""
    file, facts = scene / "intrinsic" / "intrinsic_color.txt", _facts(scene)
    if not file.is_file():
        if not all(name in facts for name in _LENS_OF_FACTS):
            return needed_lens(
                scene, given, f"has no intrinsic/intrinsic_color.txt, and no {_LENS_OF_FACTS[0]} in SCENE.txt"
            )
        where = str(scene / f"{scene.name}.txt")
        fx, fy, cx, cy, width, height = (number(f"{where}: {name}", facts[name]) for name in _LENS_OF_FACTS)
        return checked_lens(where, fx, fy, cx + 0.5, cy + 0.5, width, height)
    found = numbers(str(file), read_text(file), [9, 16])
    K = np.array(found).reshape(int(math.sqrt(len(found))), -1)
    fx, fy, cx, cy = pinhole(f"{file}: its matrix", K)
    size = _size(scene, frame, facts)
    if size is None:
        raise InputError(
            f"{scene}: the pictures' size is unknown; wanted colorWidth and colorHeight in SCENE.txt, or "
            f"color/{frame}.jpg"
        )
    return checked_lens(str(file), fx, fy, cx + 0.5, cy + 0.5, *size)


def _facts(scene: Path) -> dict[str, str]:
    """What SCENE.txt says, by name; nothing where there is no such file."""
    for file in sorted(scene.glob("*.txt")):
        lines = (line.partition("=") for line in read_text(file).splitlines())
        facts = {key.strip(): value.strip() for key, _, value in lines}
        if "colorWidth" in facts:
            return facts
    return {}


def _size(scene: Path, frame: str, facts: dict[str, str]) -> tuple[int, int] | None:
    """(width, height) of the pictures for which the intrinsics are: what SCENE.txt says, or that of a colour picture.

    Exported pictures are often smaller than the camera's own; the intrinsics are not.
    """
    if facts.get("colorWidth", "").isdecimal() and facts.get("colorHeight", "").isdecimal():
        return int(facts["colorWidth"]), int(facts["colorHeight"])
    picture = picture_near(scene / "color", frame)
    return None if picture is None else picture_size(picture)


def _matrix(matrix: np.ndarray) -> str:
    return "".join(" ".join(map(repr, map(float, row))) + "\n" for row in matrix)
