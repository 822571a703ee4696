"""The table of camera formats, and reading and writing by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras import arkit, colmap, nerf, open3d, opencv, ours, polycam, scannet, trajectories
from tvdrnet_nv.io.cameras.files import CameraFile, read_json
from tvdrnet_nv.io.cameras.other_size import with_sizes_noted
from tvdrnet_nv.io.cameras.record import Lens, NamedCamera


class Format(NamedTuple):
    """How one format is read, written and recognised; docs/cameras.md has the conventions of each.

    Attributes:
        read: a path and a lens, for formats that hold none, to the file's cameras.
        write: a path and cameras to words for what the format does not hold.
        detect: whether a path is of this format.
        folder: whether a folder is written.
        suffixes: the endings of files of this format, by which it is recognised; empty for folders, and for what writes
            a folder where the ending is another.
    """

    read: Callable[[Path, Lens | None], CameraFile]
    write: Callable[[Path, Sequence[NamedCamera]], list[str]]
    detect: Callable[[Path], bool]
    folder: bool = False
    suffixes: tuple[str, ...] = ()


_LOOKED_INTO = 8  # folders in a folder, for a hint

# In the order in which a path is tried.
FORMATS: dict[str, Format] = {
    "colmap-binary": Format(colmap.read_binary_model, colmap.write_binary_model, colmap.is_model(".bin"), folder=True),
    "colmap": Format(colmap.read_text_model, colmap.write_text_model, colmap.is_model(".txt"), folder=True),
    "blender": Format(nerf.read, nerf.write_blender, nerf.detect_blender),
    "nerfstudio": Format(nerf.read, nerf.write_nerfstudio, nerf.detect),
    "open3d": Format(open3d.read, open3d.write, open3d.detect, suffixes=open3d.SUFFIXES),
    "polycam": Format(polycam.read, polycam.write, polycam.detect, folder=True),
    "opencv": Format(opencv.read, opencv.write, opencv.detect, suffixes=opencv.SUFFIXES),
    "scannet": Format(scannet.read, scannet.write, scannet.detect, folder=True),
    "arkitscenes": Format(arkit.read, arkit.write, arkit.detect, folder=True),
    "kitti": Format(
        trajectories.read_kitti, trajectories.write_kitti, trajectories.detect_kitti, suffixes=trajectories.SUFFIXES
    ),
    "tum": Format(
        trajectories.read_tum, trajectories.write_tum, trajectories.detect_tum, suffixes=trajectories.SUFFIXES
    ),
    "tvdr-nv": Format(ours.read, ours.write, ours.detect, suffixes=(".json",)),
}


def format_of(path: Path) -> str:
    """The name of the format of a file or folder.

    Raises:
        InputError: there is none, or it is of no known format.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file or folder; check the path")
    for name, kind in FORMATS.items():
        if kind.detect(path):
            return name
    for suffix in (".bin", ".txt"):
        colmap.check_whole(path, suffix)
    if path.is_file() and not path.stat().st_size:
        raise InputError(f"{path}: the file is empty; write or download it again")
    if path.suffix.lower() == ".json" and path.is_file():
        read_json(path)  # which says what is wrong with the JSON
    if path.suffix.lower() in (".yml", ".yaml") and path.is_file():
        opencv.read_yaml(path)  # likewise
    inner = next((file for file in _within(path) if any(kind.detect(file) for kind in FORMATS.values())), None)
    hint = "" if inner is None else f"; {inner} looks like one"
    raise InputError(f"{path}: is no camera file of a known format{hint}; known are {', '.join(FORMATS)}")


def _within(path: Path) -> list[Path]:
    """Folders in a folder, as `sparse/0` of a COLMAP project; the first few."""
    inner = sorted(place for place in path.glob("*") if place.is_dir())[:_LOOKED_INTO]
    return inner + [place for one in inner for place in sorted(one.glob("*"))[:_LOOKED_INTO] if place.is_dir()]


def read_cameras(path: Path, format: str | None = None, lens: Lens | None = None) -> CameraFile:
    """Read the cameras of a file or folder.

    Args:
        path: a file or a folder, by format; see docs/cameras.md.
        format: a name of `FORMATS`; by default that of the path.
        lens: for files that hold no intrinsics, in pixels of which the top left one has its centre at 0.5.

    Raises:
        InputError: it cannot be read, or has intrinsics of its own and a lens is given; the message names the file and
            what is wrong.
    """
    name = format_of(path) if format is None else _known(format)
    if not path.exists():
        raise InputError(f"{path}: no such file or folder; check the path")
    found = FORMATS[name].read(path, lens)
    if lens is not None and any(camera.lens != lens for camera in found.cameras):
        raise InputError(f"{path}: has intrinsics of its own; leave --intrinsics (or --fov) out")
    found = with_sizes_noted(found)
    twice = [name for name, count in Counter(camera.name for camera in found.cameras).items() if count > 1]
    if twice:
        some = ", ".join(twice[:3]) + (f", … ({len(twice)})" if len(twice) > 3 else "")
        found = replace(
            found, notes=(*found.notes, f"names that several cameras have, so that FILE:NAME finds none: {some}")
        )
    for camera in found.cameras:
        if any(depth is not None and depth <= 0 for depth in (camera.near, camera.far)):
            raise InputError(f"{path}: near and far of {camera.name} must be positive")
    return found


def write_cameras(path: Path, cameras: Sequence[NamedCamera], format: str) -> list[str]:
    """Write cameras, and return words for what the format does not hold of them, such as "lens distortion".

    Raises:
        InputError: the format cannot hold these cameras, or would not be recognised by the path's ending, or the path
            cannot be written.
    """
    if not cameras:
        raise InputError(f"{path}: there are no cameras to write")
    kind = FORMATS[_known(format)]
    if kind.folder and path.is_file():
        raise InputError(f"{path}: {format} is a folder, but a file of this name exists; choose another name")
    if kind.suffixes and path.suffix.lower() not in kind.suffixes:
        known = " or ".join(kind.suffixes)
        raise InputError(f"{path}: {format} would not be recognised by this name; end it in {known}")
    try:
        return kind.write(path, cameras)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {(error.strerror or str(error)).lower()}") from error


def split_name(path: Path) -> tuple[Path, str | None]:
    """FILE and NAME of `FILE:NAME`; a path that exists as it is has no name."""
    file, colon, name = str(path).rpartition(":")
    return (Path(file), name) if colon and not path.exists() else (path, None)


def choose(path: Path, cameras: Sequence[NamedCamera], name: str) -> NamedCamera:
    """The camera of a name: as the file has it, or without its folder, or without folder and ending.

    Raises:
        InputError: there is none, or more than one.
    """
    rules: list[Callable[[str], str]] = [str, lambda n: Path(n).name, lambda n: Path(n).stem]
    for rule in rules:
        found = [camera for camera in cameras if rule(camera.name) == name]
        if len(found) > 1:
            raise InputError(f"{path}: {len(found)} cameras are named {name}; give the whole name")
        if found:
            return replace(found[0])
    some = ", ".join(camera.name for camera in cameras[:5]) + (", …" if len(cameras) > 5 else "")
    raise InputError(f"{path}: has no camera {name}; it has {some}")


def only(path: Path, found: CameraFile, name: str) -> CameraFile:
    """The camera of a name alone, as `choose`; a message about one that is not there says what was left out."""
    try:
        return replace(found, cameras=[choose(path, found.cameras, name)])
    except InputError as error:
        raise InputError("; ".join([str(error), *found.notes])) from None


def read_named(path: Path, name: str | None, format: str, lens: Lens | None = None) -> CameraFile:
    """The cameras of FILE, or the one of FILE:NAME, which may be the start of a run of ours.

    Raises:
        InputError: as `read_cameras` and `choose`.
    """
    run = ours.read_run(path) if format == "tvdr-nv" and name in (ours.START, ours.FOUND) else None
    found = run or read_cameras(path, format, lens)
    return found if name is None else only(path, found, name)


def _known(format: str) -> str:
    if format not in FORMATS:
        raise InputError(f"camera format {format}: choose from {', '.join(FORMATS)}")
    return format
