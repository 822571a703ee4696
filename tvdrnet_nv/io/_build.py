"""From the arrays of a file to a checked `Mesh`: the checks that every format shares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._origin import rounding_notes, world_origin
from tvdrnet_nv.mesh import Mesh, Textures

Color = tuple[float, float, float]

LARGEST, SMALLEST = 1e12, 1e-12  # scene units; beyond them, squared lengths leave float32

UNCOLORED = 0.5
"""The grey, in 0..1, of a scene without colours. White would vanish before a white background, and TVDRNet's light
makes it 1.6; of this grey it makes at most (0.5 + 0.8) · 0.5 + 0.3 = 0.95."""

_WHITE = 254.5 / 255  # colours above it
WHITE_NOTE = "all of it is white, and drawn grey, as scenes without colours are; --color 1 1 1 draws it white"
"""The note of a scene whose every colour is white, which many programs write of scenes without colours."""


def check_color(color: Color) -> Color:
    """Three floats in 0..1, or InputError."""
    if len(color) != 3 or not all(math.isfinite(c) and 0 <= c <= 1 for c in color):
        raise InputError(f"color {tuple(color)} is not usable: give three numbers from 0 to 1 (red, green, blue)")
    return color


def build_mesh(
    path: Path,
    vertices: np.ndarray,
    faces: np.ndarray,
    colors: np.ndarray | None,
    color: Color | None,
    *,
    textures: Textures | None = None,
    file_vertices: np.ndarray | None = None,
    notes: Sequence[str] = (),
    empty: bool = False,
) -> Mesh:
    """Check what came out of `path` and make the `Mesh`.

    Args:
        path: named in the messages.
        vertices: [V, 3], any real dtype, in the file's coordinates. Where these are far away, see `world_origin`, the
            mesh's are relative to an origin near it, subtracted in float64. Values that are not finite are an error
            where a face uses the vertex. Where none does (scanners leave such), the vertex keeps its place, so that
            per-vertex files still fit, and is moved onto a used one, with a note: a NaN would poison the camera's
            gradient even though it is never drawn.
        faces: [F, 3], any integer dtype.
        colors: [V, 3] in [0, 1], or None for the grey `UNCOLORED`, which also replaces white where there is nothing
            else.
        color: overrides `colors` and `textures`.
        textures: as in `Mesh`.
        file_vertices: [V], as in `Mesh`.
        notes: as in `Mesh`.
        empty: faces without area are what is wanted.

    Raises:
        InputError: no vertices or faces, an index out of range, used vertices not finite, or no face with an area.
    """
    if len(vertices) == 0:
        raise InputError(f"{path}: the file has no vertices; export the mesh again")
    if not np.issubdtype(faces.dtype, np.integer):
        raise InputError(
            f"{path}: the faces' vertex indices are {faces.dtype}, not whole numbers; export the mesh again"
        )
    if len(faces) == 0:
        raise InputError(f"{path}: the file has no faces (a point cloud?); make a mesh of it first")
    check_face_indices(path, faces, len(vertices))
    faces = np.ascontiguousarray(faces, dtype=np.int32)
    used = np.zeros(len(vertices), dtype=bool)
    used[faces.reshape(-1)] = True
    positions, moved = _mend_unused(path, vertices.astype(np.float64), used, int(faces[0, 0]))
    if moved:
        notes = [*notes, f"vertices without finite coordinates, in no face, which are moved onto another: {moved:,}"]
    low, high = positions[used].min(axis=0), positions[used].max(axis=0)
    origin = world_origin(low, high)
    largest = np.abs(positions).max()
    if any(origin):
        positions -= origin
    stored, vertices = vertices, positions.astype(np.float32)
    if not empty:
        _check_area(path, vertices, faces)
    if largest > LARGEST:
        raise InputError(f"{path}: a vertex coordinate is {largest:.3g}; scale the mesh so that all are below 1e12")
    if not empty and (high - low).max() < SMALLEST:
        raise InputError(
            f"{path}: the scene is {(high - low).max():.3g} across; scale the mesh so that it is above 1e-12"
        )
    notes = [*notes, *rounding_notes(positions, faces, stored)]

    if color is not None:
        colors = np.broadcast_to(np.asarray(check_color(color), dtype=np.float32), vertices.shape)
    elif colors is None:
        colors = np.full_like(vertices, UNCOLORED)
    else:
        colors, bad = _mend_colors(path, colors)
        grey = np.flatnonzero(bad & used)
        if len(grey):
            count = len(grey if file_vertices is None else np.unique(file_vertices[grey]))
            notes = [*notes, f"vertices without a finite colour, which are grey: {count:,}"]
        if textures is None and (colors[used] > _WHITE).all():
            colors, notes = np.full_like(vertices, UNCOLORED), [*notes, WHITE_NOTE]
    # np.array: what was read may be a read-only view.
    return Mesh(
        torch.from_numpy(vertices),
        torch.from_numpy(faces),
        torch.from_numpy(np.array(colors, np.float32)),
        textures if color is None else None,
        origin=origin,
        file_vertices=None if file_vertices is None else torch.from_numpy(file_vertices.astype(np.int64)),
        notes=tuple(notes),
    )


def _mend_colors(path: Path, colors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The colours [V, 3], with a mid grey for vertices that have none, and which these are [V].

    Raises:
        InputError: no vertex has a colour that is finite.
    """
    bad = np.asarray(~np.isfinite(colors).all(axis=1))
    if bad.all():
        raise InputError(
            f"{path}: vertex colours contain NaN or infinity only; repair the file, or give one colour with `color`"
        )
    return (np.where(bad[:, None], np.float32(UNCOLORED), colors) if bad.any() else colors), bad


def without_triangles(path: Path, notes: Sequence[str]) -> InputError:
    """What is wrong with a file without triangles; the notes, if any, say what it holds instead."""
    instead = " ".join(notes) if notes else "Is it an empty scene or a point cloud?"
    return InputError(f"{path}: holds no triangles. {instead} Export it as a mesh")


def build_empty_mesh(path: Path, vertices: np.ndarray, notes: Sequence[str]) -> Mesh:
    """A mesh of which nothing is seen, as large and where the file's is: a triangle without area at each vertex.

    Args:
        path: named in the messages.
        vertices: [V, 3] float64, in the file's coordinates.
        notes: as in `Mesh`; they say why nothing is seen.

    Raises:
        InputError: a vertex is not finite.
    """
    points = np.repeat(np.arange(len(vertices), dtype=np.int32)[:, None], 3, axis=1)
    return build_mesh(path, vertices, points, None, None, notes=notes, empty=True)


def check_face_indices(path: Path, faces: np.ndarray, vertices: int) -> None:
    """Check that faces [F, 3] refer to vertices that are there.

    Raises:
        InputError: one does not.
    """
    if len(faces) and (faces.min() < 0 or faces.max() >= vertices):
        bad = np.flatnonzero(((faces < 0) | (faces >= vertices)).any(axis=1))
        first = int(bad[0])
        raise InputError(
            f"{path}: face {first} refers to vertices {faces[first].tolist()}, but the file has vertices "
            f"0..{vertices - 1} ({len(bad)} such faces); export the mesh again"
        )


def _mend_unused(path: Path, vertices: np.ndarray, used: np.ndarray, place: int) -> tuple[np.ndarray, int]:
    """The vertices, all finite, and how many were moved to the one at `place`."""
    finite = (np.abs(vertices) < np.finfo(np.float32).max).all(axis=1)
    if finite.all():
        return vertices, 0
    count = int((used & ~finite).sum())
    if count:
        raise InputError(
            f"{path}: {count} of {len(vertices)} vertices are NaN, infinite or too large for float32; "
            "remove them and the faces that use them"
        )
    vertices[~finite] = vertices[place]
    return vertices, int((~finite).sum())


def _check_area(path: Path, vertices: np.ndarray, faces: np.ndarray) -> None:
    # In blocks, as the first one nearly always settles it.
    for start in range(0, len(faces), 65536):
        a, b, c = vertices[faces[start : start + 65536]].astype(np.float64).transpose(1, 0, 2)
        if np.cross(b - a, c - a).any():
            return
    raise InputError(f"{path}: no face has an area (of {len(faces):,}), so nothing is visible; export the mesh again")
