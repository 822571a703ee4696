"""COLMAP's sparse models, as text and binary: cameras and images; the points are neither read nor written.

Source: https://colmap.github.io/format.html. Poses are world-to-camera with OpenCV's axes, quaternions are w, x, y, z,
and the centre of the top left pixel is at (0.5, 0.5), as here.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.binary import Stream
from tvdrnet_nv.io.cameras.colmap_models import MODELS, NUMBERS, REFUSED, Intrinsics, intrinsics, model_of, unknown
from tvdrnet_nv.io.cameras.files import (
    CameraFile,
    Entry,
    cameras_of,
    is_data,
    left_out,
    lost,
    numbers,
    picture_near,
    read_text,
    write_file,
)
from tvdrnet_nv.io.cameras.record import (
    Lens,
    NamedCamera,
    checked_pose,
    inverse,
    quaternion_of_rotation,
    rigid,
    rotation_of_quaternion,
)
from tvdrnet_nv.io.wording import counted

_Known = dict[int, Intrinsics | InputError]  # by camera id; what is wrong with those that cannot be read


def read_text_model(path: Path, lens: Lens | None) -> CameraFile:
    """See `read_cameras`; a folder with cameras.txt and images.txt, or one of the two."""
    folder = _folder(path, ".txt")
    known, notes = _text_lenses(folder)
    file = folder / "images.txt"
    entries: list[tuple[int, str]] = []
    of_points = False
    for number, line in enumerate(read_text(file, "surrogateescape").splitlines(), 1):
        if of_points and _is_of_points(line):  # each image has a second line with its points, which may be empty
            of_points = False
        elif is_data(line):
            entries.append((number, line))
            of_points = True

    def image(_: int, entry: tuple[int, str]) -> NamedCamera:
        where, words = f"{file}, line {entry[0]}", entry[1].split(maxsplit=9)
        if len(words) < 10:
            raise InputError(f"{where}: wanted IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME")
        pose = numbers(where, " ".join(words[1:8]), [7])
        return _camera(where, folder, pose, _whole(where, words[8]), words[9].strip(), known)

    return _found(folder, file, entries, image, notes)


def _is_of_points(line: str) -> bool:
    """Whether a line is an image's second one: X, Y and a point's number, any number of times. Where a program left
    these lines out, the next image is here, and has another number of words, or a name."""
    words = line.split()
    return len(words) % 3 == 0 and (not words or re.fullmatch(r"-?\d+", words[-1]) is not None)


def _text_lenses(folder: Path) -> tuple[_Known, tuple[str, ...]]:
    """The lenses of cameras.txt, and a note on those that cannot be read."""
    file, known = folder / "cameras.txt", _Known()
    faults: list[InputError] = []
    lines = [(k, line) for k, line in enumerate(read_text(file).splitlines(), 1) if is_data(line)]
    for number, line in lines:
        where, words = f"{file}, line {number}", line.split()
        try:
            _add(where, known, _whole(where, words[0]), _text_lens(where, words))
        except InputError as fault:
            faults.append(fault)
            if words[0].isdecimal():
                known[int(words[0])] = fault
    return known, left_out(folder, "lenses", faults, len(lines))


def _add(where: str, known: _Known, camera_id: int, found: Intrinsics) -> None:
    if known.setdefault(camera_id, found) != found:
        raise InputError(f"{where}: another camera has the id {camera_id} as well; give each one of its own")


def _text_lens(where: str, words: Sequence[str]) -> Intrinsics:
    if len(words) < 5:
        raise InputError(f"{where}: wanted CAMERA_ID MODEL WIDTH HEIGHT and parameters")
    return intrinsics(where, words[1], words[2], words[3], numbers(where, " ".join(words[4:])))


def read_binary_model(path: Path, lens: Lens | None) -> CameraFile:
    """See `read_cameras`; a folder with cameras.bin and images.bin, or one of the two."""
    folder = _folder(path, ".bin")
    known, notes = _binary_lenses(folder)
    stream = Stream(folder / "images.bin")
    entries = []
    for _ in range(stream.count(least=73)):
        image_id, *pose, camera_id = stream.take("<i7di")
        name = stream.text()
        stream.skip(stream.count(least=24) * 24)
        entries.append((image_id, pose, camera_id, name))

    if stream.left:
        notes = (*notes, f"{counted(stream.left, 'byte')} after the images of images.bin are not read")

    def image(_: int, entry: tuple[int, list[float], int, str]) -> NamedCamera:
        image_id, pose, camera_id, name = entry
        return _camera(f"{stream.path}, image {image_id}", folder, pose, camera_id, name, known)

    return _found(folder, stream.path, entries, image, notes)


def _binary_lenses(folder: Path) -> tuple[_Known, tuple[str, ...]]:
    """The lenses of cameras.bin, and a note on those that cannot be read."""
    stream, known = Stream(folder / "cameras.bin"), _Known()
    faults: list[InputError] = []
    count = stream.count(least=24)
    for _ in range(count):
        camera_id, model, width, height = stream.take("<iiQQ")
        name, size = MODELS[model][:2] if model in MODELS else REFUSED.get(model, ("", 0))
        if not name:  # nothing says where the next camera begins
            raise InputError(f"{stream.path}: {unknown(f'number {model}')}")
        parameters = list(stream.take(f"<{size}d"))
        try:
            where = f"{stream.path}, camera {camera_id}"
            _add(where, known, camera_id, intrinsics(where, name, width, height, parameters))
        except InputError as fault:
            faults.append(fault)
            known[camera_id] = fault
    return known, left_out(folder, "lenses", faults, count)


def write_text_model(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """A folder with cameras.txt, images.txt and an empty points3D.txt."""
    lenses, of_camera = _lenses(cameras)
    lines = ["# CAMERA_ID MODEL WIDTH HEIGHT PARAMS[]"]
    for k, (lens, distortion) in enumerate(lenses, 1):
        name, parameters = model_of(lens, distortion)
        lines.append(f"{k} {name} {lens.width} {lens.height} {_join(parameters)}")
    write_file(path / "cameras.txt", "\n".join(lines) + "\n")
    lines = ["# IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME, then a line of points (none)"]
    for k, (camera, lens_id) in enumerate(zip(cameras, of_camera, strict=True), 1):
        lines += [f"{k} {_join(_pose(camera))} {lens_id} {_one_line(camera.name)}", ""]
    write_file(path / "images.txt", "\n".join(lines) + "\n")
    write_file(path / "points3D.txt", "# no points\n")
    return lost(cameras)


def write_binary_model(path: Path, cameras: Sequence[NamedCamera]) -> list[str]:
    """A folder with cameras.bin, images.bin and an empty points3D.bin."""
    lenses, of_camera = _lenses(cameras)
    out = bytearray(struct.pack("<Q", len(lenses)))
    for k, (lens, distortion) in enumerate(lenses, 1):
        name, parameters = model_of(lens, distortion)
        out += struct.pack("<iiQQ", k, NUMBERS[name], lens.width, lens.height)
        out += struct.pack(f"<{len(parameters)}d", *parameters)
    write_file(path / "cameras.bin", bytes(out))
    out = bytearray(struct.pack("<Q", len(cameras)))
    for k, (camera, lens_id) in enumerate(zip(cameras, of_camera, strict=True), 1):
        out += struct.pack("<i7di", k, *_pose(camera), lens_id)
        out += _one_line(camera.name).encode("utf-8", "surrogateescape") + b"\0" + struct.pack("<Q", 0)
    write_file(path / "images.bin", bytes(out))
    write_file(path / "points3D.bin", struct.pack("<Q", 0))
    return lost(cameras)


def is_model(suffix: str) -> Callable[[Path], bool]:
    """Whether a path is a model with files of a suffix, or one of its files."""

    def detect(path: Path) -> bool:
        names = {f"cameras{suffix}", f"images{suffix}"}
        if path.name in names and not path.is_dir():
            return True
        return all((path / name).is_file() for name in names)

    return detect


def check_whole(folder: Path, suffix: str) -> None:
    """Refuse a folder with one of a model's two files.

    Raises:
        InputError: it has cameras or images alone.
    """
    whole = {f"cameras{suffix}": "the lenses", f"images{suffix}": "the poses"}
    missing = [name for name in whole if not (folder / name).is_file()]
    if len(missing) == 1:
        other = next(name for name in whole if name not in missing)
        raise InputError(
            f"{folder}: has COLMAP's {other} and no {missing[0]}, which has {whole[missing[0]]}; copy both files"
        )


def _folder(path: Path, suffix: str) -> Path:
    folder = path if path.is_dir() else path.parent
    check_whole(folder, suffix)
    return folder


def _whole(where: str, word: str) -> int:
    try:
        return int(word)
    except ValueError:
        raise InputError(f"{where}: {word[:40]!r} is no whole number") from None


def _camera(where: str, folder: Path, pose: Sequence[float], camera_id: int, name: str, known: _Known) -> NamedCamera:
    intrinsics = known.get(camera_id)
    if intrinsics is None:
        raise InputError(f"{where}: camera {camera_id} is not in the cameras file")
    if isinstance(intrinsics, InputError):
        raise InputError(f"{where}: its camera {camera_id} cannot be read: {intrinsics}")
    if not np.isfinite(pose).all():
        raise InputError(f"{where}: the pose is not finite")
    R = rotation_of_quaternion(where, *pose[:4])
    lens, distortion = intrinsics
    bases = [base / "images" for base in (folder, folder.parent, folder.parent.parent)]
    picture = next((found for base in bases if (found := picture_near(base, name))), None)
    return NamedCamera(name, inverse(checked_pose(where, rigid(R, np.array(pose[4:])))), lens, picture, distortion)


def _found(
    folder: Path,
    file: Path,
    entries: Sequence[Entry],
    image: Callable[[int, Entry], NamedCamera],
    notes: tuple[str, ...],
) -> CameraFile:
    if not entries:
        raise InputError(f"{file}: holds no images, so no poses")
    found = cameras_of(folder, "images", entries, image)
    return CameraFile(found.cameras, (*notes, *found.notes))


def _lenses(cameras: Sequence[NamedCamera]) -> tuple[list[Intrinsics], list[int]]:
    """The different lenses, and which one each camera has, from 1 on."""
    numbers: dict[Intrinsics, int] = {}
    of_camera = [numbers.setdefault((camera.lens, camera.distortion), len(numbers) + 1) for camera in cameras]
    return list(numbers), of_camera


def _pose(camera: NamedCamera) -> list[float]:
    matrix = camera.world_to_camera
    return [*quaternion_of_rotation(matrix[:3, :3]).tolist(), *matrix[:3, 3].tolist()]


def _join(values: Sequence[float]) -> str:
    return " ".join(map(repr, map(float, values)))


def _one_line(name: str) -> str:
    return " ".join(name.replace("\0", " ").split("\n")).strip() or "image"
