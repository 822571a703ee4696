"""The triangles of a PLY file: its polygons and its strips."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._ply_colors import by_lower_case
from tvdrnet_nv.io._ply_data import Element, PlyFile
from tvdrnet_nv.io._ply_rows import Ragged
from tvdrnet_nv.io._polygons import triangulate, without_corners

_OF_SPLATS = ("opacity", "scale_0", "rot_0")
_INDEX_NAMES = ("vertex_indices", "vertex_index")


def position_names(vertex: Element) -> list[str]:
    """The names of a vertex's coordinates, in the file's letters; those that are there."""
    known = by_lower_case(p.name for p in vertex.properties)
    return [known[axis] for axis in "xyz" if axis in known]


def index_name(element: Element) -> str | None:
    """The name of a face's list of vertices: a usual one, or else that of its only list of whole numbers."""
    known = by_lower_case(p.name for p in element.properties)
    usual = next((known[name] for name in _INDEX_NAMES if name in known), None)
    if usual is not None:
        return usual
    whole = [p.name for p in element.properties if element.is_list(p.name) and np.dtype(p.val_dtype).kind in "iu"]
    return whole[0] if len(whole) == 1 else None


@dataclass
class Triangles:
    """The triangles of a file.

    Attributes:
        corners: [F, 3], indices into the file's vertices.
        polygon: [F] int64, the row of the element `face` that each belongs to; -1 for one of a strip.
        places: [F, 3] int64, which of all corners of the polygons, one polygon after the other, each corner is; 0 for
            one of a strip.
        dropped: how many faces have fewer than three corners.
    """

    corners: np.ndarray
    polygon: np.ndarray
    places: np.ndarray
    dropped: int


def read_triangles(path: Path, data: PlyFile, vertices: np.ndarray) -> Triangles:
    """The triangles of the element `face`, see `triangulate`, and of the strips of `tristrips`.

    Args:
        path: named in the messages.
        data: the file.
        vertices: [V, 3], where its vertices are, by which concave polygons are cut.

    Raises:
        InputError: there are none, or they have no lists of vertices.
    """
    found = []
    dropped = 0
    for name in ("face", "tristrips"):
        if data.count(name):
            lists = _lists(path, data[name])
            triangles = _polygons(lists, vertices) if name == "face" else _strips(lists)
            dropped += triangles.dropped
            found.append(triangles)
    if not found:
        raise InputError(f"{path}: {_cloud(data)}")
    if not any(len(triangles.corners) for triangles in found) and found[0].corners.dtype.kind in "iu":
        raise InputError(f"{path}: {without_corners(data.count('face') + data.count('tristrips'))}")
    joined = [np.concatenate([getattr(t, part) for t in found]) for part in ("corners", "polygon", "places")]
    return Triangles(joined[0], joined[1], joined[2], dropped)


def _cloud(data: PlyFile) -> str:
    if "vertex" in data and all(any(p.name == n for p in data.header("vertex").properties) for n in _OF_SPLATS):
        return f"this PLY holds {data.count('vertex'):,} Gaussian splats, not a mesh; extract a mesh from them first"
    others = [name for name in data.names if name not in ("vertex", "face") and data.count(name)]
    also = f"; its elements {', '.join(others)} are not read" if others else ""
    return (
        f"this PLY is a point cloud (vertices: {data.count('vertex'):,}, no faces{also}); mesh it first, for example "
        "by Poisson reconstruction in MeshLab or Open3D"
    )


def _lists(path: Path, element: Element) -> Ragged:
    name = index_name(element)
    what = "faces" if element.name == "face" else element.name
    if name is None:
        raise InputError(f"{path}: the PLY's {what} have neither {' nor '.join(_INDEX_NAMES)}; export the mesh again")
    if not element.is_list(name):
        raise InputError(f"{path}: the PLY's {what} have one number for {name}, not a list; export the mesh again")
    return element.lists(name)


def _polygons(lists: Ragged, vertices: np.ndarray) -> Triangles:
    if not np.issubdtype(lists.values.dtype, np.integer):
        # What is no index is refused with all that a mesh is checked for.
        return Triangles(lists.values.reshape(-1, 1)[:0].repeat(3, 1), *_none(0))
    _, polygon, corners = triangulate(vertices.astype(np.float64), (lists.counts, lists.values))
    places = lists.starts[polygon][:, None] + corners
    return Triangles(lists.values[places], polygon, places, int((lists.counts < 3).sum()))


def _strips(lists: Ragged) -> Triangles:
    """Every three neighbours in a strip; every second triangle is turned; -1 ends a strip within its list.

    A corner that comes twice only joins two parts of a strip, and makes no triangle.
    """
    values = lists.values
    if not np.issubdtype(values.dtype, np.integer):
        return Triangles(values.reshape(-1, 1)[:0].repeat(3, 1), *_none(0))
    row = np.repeat(np.arange(len(lists)), lists.counts)
    whole = np.empty(0, dtype=np.int64)
    if len(values) >= 3:
        alike = (row[:-2] == row[2:]) & (values[:-2] != -1) & (values[1:-1] != -1) & (values[2:] != -1)
        whole = np.flatnonzero(alike)
    begins = np.ones(len(values), dtype=bool)
    begins[1:] = (row[1:] != row[:-1]) | (values[:-1] == -1)
    begin = np.maximum.accumulate(np.where(begins, np.arange(len(values)), 0))
    odd = (whole - begin[whole]) % 2 == 1
    a, b, c = values[whole], values[whole + 1], values[whole + 2]
    corners = np.stack([np.where(odd, b, a), np.where(odd, a, b), c], axis=1).astype(np.int64)
    corners = corners[(a != b) & (b != c) & (a != c)]
    return Triangles(corners, *_none(len(corners)))


def _none(count: int) -> tuple[np.ndarray, np.ndarray, int]:
    """`polygon`, `places` and `dropped` of triangles that belong to no polygon."""
    return np.full(count, -1, dtype=np.int64), np.zeros((count, 3), dtype=np.int64), 0
