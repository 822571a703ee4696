"""Lenses that are for pictures of another size than their camera's, told by the principal point."""

from __future__ import annotations

from dataclasses import replace

from tvdrnet_nv.io.cameras.files import CameraFile
from tvdrnet_nv.io.cameras.record import NamedCamera

_SAME_SHARE = 0.1  # within which a principal point is off the middle in both directions, where sizes are mixed up


def with_sizes_noted(found: CameraFile) -> CameraFile:
    """The file's cameras, with a note on the first whose lens is for another size, if any is."""
    note = next(filter(None, map(_other_size, found.cameras)), "")
    return replace(found, notes=(*found.notes, note)) if note else found


def _other_size(camera: NamedCamera) -> str:
    """A sentence on a lens that is for pictures of another size, by its principal point; otherwise empty.

    That of a lens is near the middle. That of another size is away from it by the same share in both directions.
    """
    _, _, cx, cy, width, height = camera.lens
    across, down = 2 * cx / width, 2 * cy / height  # sizes of the lens's pictures, in those of the camera's
    said = f"the principal point of {camera.name}, ({cx:g}, {cy:g}),"
    if min(across, down) > 0 and abs(across - down) <= _SAME_SHARE * across and not 0.7 < across < 1.4:
        return (
            f"{said} is the middle of pictures of {2 * cx:.0f}×{2 * cy:.0f}, not of {width}×{height}; if the lens is "
            f"for that size, give that size in the file, or multiply fx, fy, cx and cy by {1 / across:.4g}"
        )
    if 0 < cx < width and 0 < cy < height:
        return ""
    return f"{said} is outside its picture of {width}×{height}; if the lens is for another size, give that size"
