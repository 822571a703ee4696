"""Camera files of other programs and of this one, in and out: docs/cameras.md has the table of formats."""

from tvdrnet_nv.io.cameras.convert import from_camera, moved, to_camera
from tvdrnet_nv.io.cameras.files import CameraFile
from tvdrnet_nv.io.cameras.formats import (
    FORMATS,
    choose,
    format_of,
    only,
    read_cameras,
    read_named,
    split_name,
    write_cameras,
)
from tvdrnet_nv.io.cameras.record import Distortion, Lens, NamedCamera
from tvdrnet_nv.io.cameras.undistort import undistorted

__all__ = [
    "FORMATS",
    "CameraFile",
    "Distortion",
    "Lens",
    "NamedCamera",
    "choose",
    "format_of",
    "from_camera",
    "moved",
    "only",
    "read_cameras",
    "read_named",
    "split_name",
    "to_camera",
    "undistorted",
    "write_cameras",
]
