"""Reading and writing that all camera formats share."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.record import Lens, NamedCamera
from tvdrnet_nv.io.json_text import parse_json
from tvdrnet_nv.io.wording import NO_FILE, counted

Entry = TypeVar("Entry")
Result = TypeVar("Result")

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".PNG", ".JPG", ".JPEG")


@dataclass(frozen=True)
class CameraFile:
    """What a file holds.

    Attributes:
        cameras: at least one.
        notes: sentences on what was left out.
    """

    cameras: list[NamedCamera]
    notes: tuple[str, ...] = ()


def cameras_of(
    path: Path, what: str, entries: Sequence[Entry], read: Callable[[int, Entry], NamedCamera]
) -> CameraFile:
    """The cameras of a file's entries. Those that cannot be read are left out, with a note that says why.

    Args:
        path: the file, or the folder of several; what `read` says begins with it.
        what: the entries' name, such as "frames".
        entries: at least one.
        read: an entry's place and the entry to its camera.

    Raises:
        InputError: none can be read.
    """
    cameras, faults = readable(entries, read)
    return CameraFile(cameras, left_out(path, what, faults, len(entries)))


def readable(entries: Sequence[Entry], read: Callable[[int, Entry], Result]) -> tuple[list[Result], list[InputError]]:
    """What `read` makes of entries and their places, and what is wrong with those that it refuses.

    Raises:
        InputError: it refuses all of them.
    """
    found: list[Result] = []
    faults: list[InputError] = []
    for k, entry in enumerate(entries):
        try:
            found.append(read(k, entry))
        except InputError as fault:
            faults.append(fault)
    if faults and not found:
        raise faults[0]
    return found, faults


def left_out(path: Path, what: str, faults: Sequence[InputError], count: int) -> tuple[str, ...]:
    """A note on the entries of a file that cannot be read, of `count`; none where there are no faults."""
    if not faults:
        return ()
    why = str(faults[0]).removeprefix(f"{path}, ").removeprefix(f"{path}/")
    said = "is left out:" if len(faults) == 1 else "are left out, such as"
    return (f"{len(faults)} of {count} {what} {said} {why}",)


def read_bytes(path: Path) -> bytes:
    """A file's bytes.

    Raises:
        InputError: it is missing, a folder, or not readable.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise InputError(f"{path}: {NO_FILE}")
    try:
        return path.read_bytes()
    except OSError as error:
        why = "is a folder" if path.is_dir() else "no such file" if not path.exists() else "is not readable"
        raise InputError(f"{path}: {why}; check the path") from error


def read_text(path: Path, errors: str = "replace") -> str:
    """A file's text: UTF-8, with or without a byte order mark, or UTF-16 with one.

    `errors` is what becomes of other bytes: with "surrogateescape", names of files are still theirs.
    """
    return decoded(read_bytes(path), errors)


def decoded(data: bytes, errors: str = "replace") -> str:
    """As `read_text`, of the bytes that a file begins with. PowerShell's `>` writes UTF-16."""
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data.decode("utf-16", "replace") if wide else data.decode("utf-8-sig", errors)


def read_json(path: Path) -> Any:
    """A file's JSON; NaN and infinity come as floats, and are refused where a number is used."""
    text = read_text(path)  # its InputError is a ValueError too, and says more
    try:
        return parse_json(text)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error


def json_in(path: Path) -> Any:
    """The JSON of a file whose name ends in `.json`, to see which format it is; None where it is no such file."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return None
    try:
        return read_json(path)
    except InputError:
        return None


def mapping(where: str, value: Any) -> dict[str, Any]:
    """`value`, if it is a JSON object."""
    if not isinstance(value, dict):
        raise InputError(f"{where}: is no JSON object")
    return value


def numbers(where: str, text: str, count: Sequence[int] = ()) -> list[float]:
    """The numbers of a line or a small file, between blanks or commas.

    Raises:
        InputError: a word that is no number, or another count than one of those wanted.
    """
    found: list[float] = []
    for word in words(text):
        try:
            found.append(float(word))
        except ValueError:
            raise InputError(f"{where}: {word[:40]!r} is no number") from None
    if count and len(found) not in count:
        raise InputError(f"{where}: has {len(found)} numbers, wanted {' or '.join(map(str, count))}")
    return found


def is_data(line: str) -> bool:
    """Whether a line of a text file is neither empty nor a comment."""
    return line.strip() != "" and not line.lstrip().startswith("#")


def words(text: str) -> list[str]:
    """The words of a line or a small file, between blanks or commas."""
    return text.replace(",", " ").split()


def array(where: str, value: Any, size: int) -> np.ndarray:
    """`size` finite numbers of nested lists, float64 and flat."""
    try:
        found = np.asarray(value, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{where}: is not made of numbers") from None
    if found.size != size:
        raise InputError(f"{where}: wanted {counted(size, 'number')}, got {found.size}")
    if not np.isfinite(found).all():
        place = int(np.flatnonzero(~np.isfinite(found))[0])
        raise InputError(f"{where}: number {place + 1} of {size} is {found[place]:g}; wanted finite ones")
    return found


def data_lines(path: Path) -> list[tuple[int, str]]:
    """(number from 1, line) of the lines of a text file that are neither empty nor a comment; at least one.

    Raises:
        InputError: there is none.
    """
    used = [(k, line) for k, line in enumerate(read_text(path).splitlines(), 1) if is_data(line)]
    if not used:
        raise InputError(f"{path}: holds no cameras")
    return used


def picture_near(base: Path, name: str) -> Path | None:
    """The picture `base/name`, its ending left out or not; None where there is none."""
    for suffix in ("", *PICTURE_SUFFIXES):
        path = base / (name + suffix)
        if path.is_file():
            return path
    return None


def picture_size(path: Path) -> tuple[int, int]:
    """(width, height) of a picture, from its header.

    Raises:
        InputError: no picture.
    """
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise InputError(f"{path}: cannot be read as a picture; give a PNG or JPEG") from error


def write_file(path: Path, data: str | bytes) -> None:
    """Write a file whole, or leave what is there; its folder is made.

    Bytes of names that are no text, as the file system has them, are written as they are.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as temporary:
        temporary.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape"))


def relative(picture: Path, folder: Path) -> str:
    """A picture's path as a file in `folder` names it."""
    return Path(os.path.relpath(picture.absolute(), folder.absolute())).as_posix()


def one_lens(path: Path, cameras: Sequence[NamedCamera], what: str) -> NamedCamera:
    """The first camera, whose lens is that of all.

    Raises:
        InputError: lenses differ, which the format cannot hold.
    """
    first = cameras[0]
    for camera in cameras:
        if camera.lens != first.lens or camera.distortion != first.distortion:
            raise InputError(
                f"{path}: {what} holds one lens for all cameras, but {first.name} and {camera.name} differ; write "
                "colmap or nerfstudio"
            )
    return first


def no_distortion(path: Path, cameras: Sequence[NamedCamera], what: str) -> None:
    """Refuse cameras with distortion for a format of pinhole cameras."""
    for camera in cameras:
        if camera.distortion is not None:
            raise InputError(
                f"{path}: {what} cannot hold the {camera.distortion.model} distortion of {camera.name}; write colmap, "
                "nerfstudio or opencv"
            )


def lost(
    cameras: Sequence[NamedCamera],
    *,
    lens: bool = False,
    clip: bool = True,
    pictures: bool = False,
    names: bool = False,
) -> list[str]:
    """What a format does not hold of some cameras, as words: those of what is True that the cameras have."""
    found = ["intrinsics and picture sizes"] if lens else []
    found += ["lens distortion"] if lens and any(camera.distortion for camera in cameras) else []
    if clip and any(camera.near is not None or camera.far is not None for camera in cameras):
        found.append("clip planes")
    found += ["paths of pictures"] if pictures and any(camera.picture for camera in cameras) else []
    return found + (["names"] if names else [])


def needed_lens(path: Path, lens: Lens | None, why: str) -> Lens:
    """`lens`, which the file does not have.

    Raises:
        InputError: none was given.
    """
    if lens is None:
        raise InputError(f"{path}: {why}; give them with --intrinsics FX,FY,CX,CY,WIDTH,HEIGHT, in pixels")
    return lens
