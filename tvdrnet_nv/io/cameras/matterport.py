"""Matterport3D's `undistorted_camera_parameters/HOUSE.conf`: pinhole cameras of the undistorted pictures.

A line `intrinsics_matrix` holds for the `scan` lines below it, each a depth picture, a colour picture and a
camera-to-world matrix by rows with OpenGL's axes. The principal point counts from the picture's lower left corner, and
its pixels' centres are taken to be whole numbers, as in the intrinsics from before the undistortion. Source:
data_organization.md of the data set's repository.
"""

from __future__ import annotations

from pathlib import Path

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.files import CameraFile, array, cameras_of, picture_near, picture_size, read_text
from tvdrnet_nv.io.cameras.record import NamedCamera, checked_lens, checked_pose, flip_yz

_SIZE = (1280, 1024)  # pixels, of all pictures


def read(path: Path) -> CameraFile:
    """The cameras of a .conf file, named as their colour pictures.

    Raises:
        InputError: it cannot be read, or none of its scan lines.
    """
    folder = path.parent.parent / "undistorted_color_images"
    intrinsics: tuple[str, list[str]] | None = None  # where it is, and its words
    scans = []
    for line, text in enumerate(read_text(path).splitlines(), 1):
        where, words = f"{path}, line {line}", text.split()
        if words[:1] == ["color_directory"] and len(words) > 1:
            folder = path.parent.parent / words[1]
        elif words[:1] == ["intrinsics_matrix"]:
            intrinsics = where, words[1:]
        elif words[:1] == ["scan"]:
            scans.append((where, words[1:], intrinsics, folder))
    if not scans:
        raise InputError(f"{path}: holds no scan lines, so no cameras")
    return cameras_of(path, "scan lines", scans, lambda _, scan: _camera(*scan))


def _camera(where: str, words: list[str], intrinsics: tuple[str, list[str]] | None, folder: Path) -> NamedCamera:
    if len(words) < 2:
        raise InputError(f"{where}: wanted scan, a depth picture, a colour picture and 16 numbers")
    if intrinsics is None:
        raise InputError(f"{where}: has no intrinsics_matrix above it; download the file again")
    K = array(intrinsics[0], intrinsics[1], 9).reshape(3, 3)
    picture = picture_near(folder, words[1])
    width, height = _SIZE if picture is None else picture_size(picture)
    lens = checked_lens(where, K[0, 0], K[1, 1], K[0, 2] + 0.5, height - K[1, 2] - 0.5, width, height)
    pose = checked_pose(where, array(where, words[2:], 16))
    return NamedCamera(words[1], flip_yz(pose), lens, picture)
