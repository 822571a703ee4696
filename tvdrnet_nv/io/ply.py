"""PLY files, through plyfile."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from plyfile import PlyData, PlyElement, PlyElementParseError, PlyListProperty, PlyParseError

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._build import Color, build_mesh
from tvdrnet_nv.mesh import Mesh

_CHANNELS = ("red", "green", "blue")
_INDEX_NAMES = ("vertex_indices", "vertex_index")
# Lets plyfile map the faces as one array where all are triangles; texcoord is what MeshLab writes beside them.
_TRIANGLES = {"face": {"vertex_indices": 3, "vertex_index": 3, "texcoord": 6}}


def load_ply(path: Path, color: Color | None = None) -> Mesh:
    """Read a PLY file: ascii or binary of either endianness.

    Uses the elements `vertex` (x, y, z and, if there, red, green, blue) and `face` (`vertex_indices` or
    `vertex_index`); everything else is ignored. Integer colours are scaled by their type's range (uchar: 255,
    ushort: 65535; wider ones are taken as 0..255); float ones are 0..1, or 0..255 where any exceeds 1.

    Raises:
        InputError: as `tvdrnet_nv.io.load_mesh`.
    """
    data = read_ply(path)
    if "vertex" not in data:
        raise InputError(f"{path}: the PLY has no 'vertex' element; export the mesh again")
    vertex = data["vertex"]
    missing = [name for name in "xyz" if name not in vertex]
    if missing:
        raise InputError(f"{path}: the PLY's vertices have no {', '.join(missing)}; export them with x, y and z")
    if "face" not in data or data["face"].count == 0:
        raise InputError(
            f"{path}: this PLY is a point cloud ({vertex.count} vertices, no faces); mesh it first, for example by "
            "Poisson reconstruction in MeshLab or Open3D"
        )
    face = data["face"]
    name = next((name for name in _INDEX_NAMES if name in face), None)
    if name is None:
        raise InputError(f"{path}: the PLY's faces have neither {' nor '.join(_INDEX_NAMES)}; export the mesh again")

    if not isinstance(face.ply_property(name), PlyListProperty):
        raise InputError(f"{path}: the PLY's faces have one number for {name}, not a list; export the mesh again")
    lists = [p.name for p in vertex.properties if isinstance(p, PlyListProperty) and p.name in (*"xyz", *_CHANNELS)]
    if lists:
        raise InputError(f"{path}: the PLY's vertices have lists for {', '.join(lists)}; export the mesh again")

    vertices = np.stack([vertex[axis] for axis in "xyz"], axis=1)
    triangles = _triangulate(face[name])
    return build_mesh(path, vertices, triangles, _colors(vertex), color)


def save_ply(mesh: Mesh, path: str | os.PathLike[str]) -> None:
    """Write a binary little-endian PLY: float x, y, z; uchar red, green, blue (rounded); triangles.

    The file is written beside `path` and then moved there, so a crash leaves no half file.

    Raises:
        InputError: the folder does not exist or cannot be written to.
    """
    path = Path(path)
    columns = [(axis, "<f4") for axis in "xyz"] + [(channel, "u1") for channel in _CHANNELS]
    vertices = np.empty(mesh.num_vertices, dtype=columns)
    positions = mesh.vertices.detach().cpu().numpy()
    colors = (mesh.colors.detach().cpu().clamp(0, 1) * 255).round().byte().numpy()
    for i in range(3):
        vertices["xyz"[i]] = positions[:, i]
        vertices[_CHANNELS[i]] = colors[:, i]
    write_ply(path, vertices, mesh.faces.cpu().numpy())


def write_ply(path: Path, vertices: np.ndarray, triangles: np.ndarray, comments: Sequence[str] = ()) -> None:
    """Write a binary little-endian PLY of vertices, a structured array [V], and triangles [F, 3]; whole or not at all.

    Raises:
        InputError: the folder does not exist or cannot be written to.
    """
    faces = np.empty(len(triangles), dtype=[("count", "u1"), ("vertex_indices", "<i4", (3,))])
    faces["count"] = 3
    faces["vertex_indices"] = triangles

    # plyfile makes the header; its writer of lists takes a Python call per face, minutes for a large scan.
    indices = np.empty(len(triangles), dtype=[("vertex_indices", "<i4", (3,))])  # never touched, so it costs nothing
    elements = [PlyElement.describe(vertices, "vertex"), PlyElement.describe(indices, "face")]
    header = PlyData(elements, byte_order="<", comments=list(comments)).header
    try:
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            file.write(header.encode("ascii") + b"\n")
            vertices.tofile(file)
            faces.tofile(file)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); check that its folder exists") from error


def read_ply(path: Path) -> PlyData:
    """A PLY file's elements.

    Raises:
        InputError: it is no PLY file, or broken.
    """
    with path.open("rb") as file:
        if file.read(3) != b"ply":
            raise InputError(f"{path}: not a PLY file (it does not start with 'ply'); check the file or its suffix")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numpy's, about a face without vertices in an ascii file
            try:
                return PlyData.read(str(path), known_list_len=_TRIANGLES)
            except PlyElementParseError as error:
                if error.message != "unexpected list length":
                    raise
                return PlyData.read(str(path))
    except (PlyParseError, ValueError, OverflowError, MemoryError) as error:
        raise InputError(f"{path}: the PLY is truncated or broken ({error}); export or download it again") from error


def _triangulate(lists: np.ndarray) -> np.ndarray:
    """[F, 3] triangles of the polygons, as fans about each polygon's first vertex; lists under three are dropped."""
    if lists.dtype != object:
        return np.asarray(lists)
    counts = np.fromiter((len(polygon) for polygon in lists), dtype=np.int64, count=len(lists))
    fans = np.maximum(counts - 2, 0)
    if not fans.any():
        return np.empty((0, 3), dtype=np.int64)
    flat = np.concatenate(lists)
    start = np.repeat(np.cumsum(counts) - counts, fans)
    step = np.arange(fans.sum()) - np.repeat(np.cumsum(fans) - fans, fans)
    return np.stack([flat[start], flat[start + step + 1], flat[start + step + 2]], axis=1)


def _colors(vertex: PlyElement) -> np.ndarray | None:
    if not all(name in vertex for name in _CHANNELS):
        return None
    colors = np.stack([vertex[name] for name in _CHANNELS], axis=1)
    if colors.dtype.kind == "f":
        scale = 255.0 if colors.size and np.fmax.reduce(colors, axis=None) > 1 else 1.0
    else:
        scale = 65535.0 if colors.dtype.kind == "u" and colors.dtype.itemsize == 2 else 255.0
    return np.clip(colors.astype(np.float32) / np.float32(scale), 0, 1)
