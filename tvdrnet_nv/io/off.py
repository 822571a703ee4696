"""OFF files of Geomview, in text: OFF, COFF, NOFF, STOFF and 4OFF."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._build import Color, build_mesh
from tvdrnet_nv.io._ply_colors import is_opaque, scaled
from tvdrnet_nv.io._polygons import triangulate, without_corners
from tvdrnet_nv.io._split import split_face_colors
from tvdrnet_nv.io.wording import counted
from tvdrnet_nv.mesh import Mesh

_COUNTS = re.compile(rb"\d+[ \t]+\d+([ \t]+\d+)?")  # of a file without a header, which may be left out
_HEAD = re.compile(rb"(ST)?(C)?(N)?(4)?(n)?(?:OFF|off)(?:[ \t]*(?=\d)|[ \t]+|$)(.*)", re.DOTALL)


def load_off(path: Path, color: Color | None = None) -> Mesh:
    """Read an OFF file.

    Colours of vertices (COFF) count, and where there are none, those of faces, in 0..1 or 0..255; a vertex that its
    faces give several is split. Normals and texture coordinates are not used.

    Raises:
        InputError: as `tvdrnet_nv.io.load_mesh`; or the file is binary, or of more than three dimensions.
    """
    lines = _lines(path.read_bytes())
    if lines and _COUNTS.fullmatch(lines[0]):
        lines[0] = b"OFF " + lines[0]
    head = _HEAD.fullmatch(lines[0]) if lines else None
    if head is None:
        raise InputError(f"{path}: not an OFF file (it does not start with 'OFF'); check the file or its suffix")
    if head[5] or head[6].strip().upper().startswith(b"BINARY"):
        kind = "of any dimension (nOFF)" if head[5] else "binary"
        raise InputError(f"{path}: is an OFF file that is {kind}, which is not read; export it as text, or as PLY")
    rest = [head[6], *lines[1:]] if head[6].strip() else lines[1:]
    counts = _numbers(path, rest[:1])
    if len(counts) < 2 or not ((counts[:2] == np.floor(np.abs(counts[:2]))) & (counts[:2] < 2**53)).all():
        raise InputError(f"{path}: its first numbers are not how many vertices and faces it has; export it again")
    vertices, faces = int(counts[0]), int(counts[1])
    if vertices + faces > len(rest) - 1:
        raise InputError(
            f"{path}: is truncated: it says {counted(vertices, 'vertex', 'vertices')} and {counted(faces, 'face')}, a "
            f"line each, but has {counted(len(rest) - 1, 'line')}; export or download it again"
        )
    rows = _rows(path, rest[1 : 1 + vertices])
    positions, colors, notes = _vertices(path, rows, head)
    sizes, corners, painted, mapped, alpha = _faces(path, rest[1 + vertices : 1 + vertices + faces])
    if not is_opaque(alpha):
        notes.append("the alpha of its faces is not used: every surface is opaque")
    if mapped:
        notes.append(f"faces whose colour is a number of a colour map, which is not read: {mapped:,}")
    if len(rest) - 1 > vertices + faces:
        notes.append(f"lines after what its head promises, which are not read: {len(rest) - 1 - vertices - faces:,}")
    if (sizes < 3).any():
        notes.append(f"faces with fewer than three corners, which are left out: {int((sizes < 3).sum()):,}")
    triangles, polygon, _ = triangulate(positions, (sizes, corners))
    if faces and not len(triangles):
        raise InputError(f"{path}: {without_corners(faces)}")
    of_file = None
    if len(painted) and (colors is not None or len(painted) < faces):
        why = "its vertices have some" if colors is not None else "not all faces have some"
        notes.append(f"its faces' colours are not used: {why}")
    elif len(painted) and color is None:
        triangles, of_file, colors = split_face_colors(triangles, scaled(painted), polygon, vertices)
        positions = positions[of_file]
    split = of_file if of_file is not None and len(of_file) > vertices else None
    return build_mesh(path, positions, triangles, colors, color, file_vertices=split, notes=notes)


def _lines(data: bytes) -> list[bytes]:
    """The lines that are neither empty nor comments."""
    plain = re.sub(rb"#[^\r\n]*", b"", data.removeprefix(b"\xef\xbb\xbf"))
    return [line for line in map(bytes.strip, re.split(rb"[\r\n]+", plain)) if line]


def _numbers(path: Path, lines: list[bytes]) -> np.ndarray:
    """All numbers of some lines, float64."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # numpy's, about text that is no number
        try:
            return np.fromstring(b" ".join(lines), dtype=np.float64, sep=" ")  # pyright: ignore[reportCallIssue]
        except (DeprecationWarning, ValueError):
            pass
    for word in b" ".join(lines).split():
        try:
            float(word)
        except ValueError:
            raise InputError(f"{path}: {word[:40].decode('latin-1')!r} is no number; export it again") from None
    return np.array([float(word) for word in b" ".join(lines).split()])


def _rows(path: Path, lines: list[bytes]) -> np.ndarray:
    """[N, K] of lines of as many numbers each."""
    widths = {len(line.split()) for line in lines}
    if len(widths) > 1:
        raise InputError(f"{path}: its vertices have different numbers of numbers: {sorted(widths)}; export it again")
    return _numbers(path, lines).reshape(len(lines), widths.pop() if widths else 3)


def _vertices(path: Path, rows: np.ndarray, head: re.Match[bytes]) -> tuple[np.ndarray, np.ndarray | None, list[str]]:
    """Positions [V, 3], colours [V, 3] or None, and notes of what else vertices have."""
    textured, colored, normals, homogeneous = (bool(head[group]) for group in (1, 2, 3, 4))
    at = 4 if homogeneous else 3
    least = at + 3 * normals + 3 * colored + 2 * textured
    if rows.shape[1] < least:
        raise InputError(f"{path}: its vertices have {rows.shape[1]} numbers, wanted {least}; export it again")
    positions = rows[:, :3]
    if homogeneous:
        with np.errstate(divide="ignore", invalid="ignore"):
            positions = positions / rows[:, 3:4]
    at += 3 * normals
    colors = scaled(rows[:, at : at + 3]) if colored else None
    notes = ["its normals are not used: they are computed from the faces"] if normals else []
    if textured:
        notes.append("its texture coordinates are not used: it names no picture")
    more = rows.shape[1] - least
    if more and not colored:
        notes.append(f"{more} more numbers of each vertex are not read")
    elif more and not is_opaque(rows[:, at + 3]):
        notes.append("the alpha of its vertices is not used: every surface is opaque")
    return positions, colors, notes


def _faces(path: Path, lines: list[bytes]) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, np.ndarray]:
    """How many corners each face has [P], all corners in a row, the colours [N, 3] of those faces that have one, how
    many have a colour map's number instead, and the alpha [M] of those that have it."""
    widths = np.array([len(line.split()) for line in lines], dtype=np.int64)
    flat = _numbers(path, lines)
    starts = np.cumsum(widths) - widths
    sizes = flat[starts] if len(lines) else np.empty(0)
    good = (sizes >= 0) & (sizes == np.floor(sizes)) & (sizes < widths)
    if not good.all():
        place = int(np.flatnonzero(~good)[0])
        raise InputError(f"{path}: face {place} has not the corners that it says; export it again")
    sizes = sizes.astype(np.int64)
    place = np.arange(len(flat)) - np.repeat(starts, widths)
    is_corner = (place > 0) & (place <= np.repeat(sizes, widths))
    corners = flat[is_corner]
    if not (np.isfinite(corners).all() and (corners == np.floor(corners)).all() and (np.abs(corners) < 2**53).all()):
        raise InputError(f"{path}: a face's corner is no whole number; export it again")
    more = widths - sizes - 1
    behind = (starts + sizes + 1)[more >= 3]
    mapped = int(((more == 1) | (more == 2)).sum())
    alpha = flat[(starts + sizes + 4)[more >= 4]]
    return sizes, corners.astype(np.int64), flat[behind[:, None] + np.arange(3)], mapped, alpha
