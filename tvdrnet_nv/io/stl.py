"""STL files, text and binary: triangles with corners of their own, of which equal ones become one vertex."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._build import Color, build_mesh, without_triangles
from tvdrnet_nv.io.wording import counted
from tvdrnet_nv.mesh import Mesh

_HEAD = 84  # bytes: a title, and how many triangles follow
_TRIANGLE = np.dtype([("normal", "<f4", (3,)), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_VERTEX = re.compile(rb"^[ \t]*vertex[ \t]+(\S+)[ \t]+(\S+)[ \t]+(\S+)[ \t]*$", re.MULTILINE | re.IGNORECASE)
_LOOP = re.compile(rb"^[ \t]*outer\s+loop", re.MULTILINE | re.IGNORECASE)
_END = re.compile(rb"^[ \t]*end ?solid", re.MULTILINE | re.IGNORECASE)


def load_stl(path: Path, color: Color | None = None) -> Mesh:
    """Read an STL file.

    Corners at the same place are one vertex; vertices are numbered as they first occur. Normals, titles and colours in
    attribute bytes, for which there is no common rule, are not used.

    Raises:
        InputError: as `tvdrnet_nv.io.load_mesh`.
    """
    data = path.read_bytes()
    count = int.from_bytes(data[80:_HEAD], "little")
    whole = _HEAD + count * _TRIANGLE.itemsize
    is_text = data[:5].lower() == b"solid" and len(data) != whole and _LOOP.search(data) is not None
    corners, notes = _text(path, data) if is_text else _binary(path, data, count, whole)
    if not len(corners):
        raise without_triangles(path, notes)
    # Adding zero makes -0 of 0, so that equal places have equal bytes.
    places, first, of_corner = np.unique(corners.reshape(-1, 3) + 0, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return build_mesh(path, places[order], rank[of_corner.reshape(-1, 3)], None, color, notes=notes)


def _binary(path: Path, data: bytes, count: int, whole: int) -> tuple[np.ndarray, list[str]]:
    """The corners [F, 3, 3] of a binary file."""
    if len(data) < whole or len(data) < _HEAD:
        there = max(0, len(data) - _HEAD) // _TRIANGLE.itemsize
        raise InputError(
            f"{path}: is no STL file, or is truncated: it says {counted(count, 'triangle')}, but has bytes for "
            f"{there:,}; export or download it again"
        )
    triangles = np.frombuffer(data, _TRIANGLE, count, _HEAD)
    notes = []
    if triangles["attribute"].any():
        notes.append("its attribute bytes, in which some programs write colours, are not used")
    if len(data) > whole:
        notes.append(f"bytes after its {count:,} triangles, which are not read: {len(data) - whole:,}")
    return triangles["corners"], notes


def _text(path: Path, data: bytes) -> tuple[np.ndarray, list[str]]:
    """The corners [F, 3, 3] of a text file."""
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    words = _VERTEX.findall(data)
    loops = len(_LOOP.findall(data))
    if len(words) != 3 * loops:
        raise InputError(
            f"{path}: has {counted(loops, 'facet')} and {counted(len(words), 'corner')}, wanted three each; it is "
            "truncated, or damaged"
        )
    try:
        numbers = np.array(words).astype(np.float64)
    except ValueError:
        bad = next(word for corner in words for word in corner if not _is_number(word))
        text = bad[:40].decode("latin-1")
        raise InputError(f"{path}: a corner cannot be read ({text!r} is no number); export it again") from None
    notes = [] if _END.search(data) else ["it does not end with 'endsolid', and may be truncated"]
    return numbers.reshape(-1, 3, 3), notes


def _is_number(word: bytes) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
