"""PLY files: read with numpy, headers and writing through plyfile."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from plyfile import PlyData, PlyElement

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._build import Color, build_mesh, check_face_indices
from tvdrnet_nv.io._ply_colors import color_names, read_colors
from tvdrnet_nv.io._ply_data import PlyFile
from tvdrnet_nv.io._ply_faces import Triangles, position_names, read_triangles
from tvdrnet_nv.io._ply_notes import ply_notes
from tvdrnet_nv.io._ply_textures import read_textures
from tvdrnet_nv.io._split import split_face_colors
from tvdrnet_nv.mesh import Mesh

_CHANNELS = ("red", "green", "blue")


@dataclass
class PlyGeometry:
    """The vertices and triangles of a file as they are there.

    Attributes:
        vertices: [V, 3], in the file's type; float64 from a text file.
        triangles: of its polygons and strips.
        data: the file.
    """

    vertices: np.ndarray
    triangles: Triangles
    data: PlyFile


def load_ply(path: Path, color: Color | None = None) -> Mesh:
    """Read a PLY file: ascii or binary of either endianness.

    Uses of the element `vertex` x, y, z and colours, of `face` the lists `vertex_indices` or `vertex_index`, or the
    element `tristrips`, and colours where the vertices have none; of both, the texture coordinates, where the header
    names pictures (`comment TextureFile`). docs/scenes.md lists the names and the scales of colours. What is there and
    not used is in the mesh's `notes`. Where faces give a vertex several colours or texture coordinates, it is split.

    Raises:
        InputError: as `tvdrnet_nv.io.load_mesh`.
    """
    geometry = read_geometry(path)
    data, triangles, vertices = geometry.data, geometry.triangles, geometry.vertices
    faces, notes = triangles.corners, ply_notes(data, triangles)
    if not np.issubdtype(faces.dtype, np.integer) or len(faces) == 0 or len(vertices) == 0:
        return build_mesh(path, vertices, faces, None, color)  # which says what is wrong
    check_face_indices(path, faces, len(vertices))
    faces, file_vertices, textures, colors = faces.astype(np.int64), None, None, None
    if color is None:
        colors = read_colors(data["vertex"])
        textured = read_textures(path, data, triangles, colors)
        if textured is not None:
            notes += textured.notes
        if textured is not None and textured.textures is not None:
            faces, file_vertices = textured.faces, textured.file_vertices
            colors, textures = textured.colors, textured.textures
        elif colors is None:
            faces, file_vertices, colors = _face_colors(data, triangles, len(vertices))
    if file_vertices is not None:
        if len(file_vertices) > len(vertices):
            vertices = vertices[file_vertices]
        else:
            file_vertices = None
    return build_mesh(path, vertices, faces, colors, color, file_vertices=file_vertices, textures=textures, notes=notes)


def read_geometry(path: Path) -> PlyGeometry:
    """The vertices and triangles of a PLY file.

    Raises:
        InputError: the file is broken, or has no x, y, z or no faces.
    """
    data = PlyFile(path)
    if "vertex" not in data:
        raise InputError(f"{path}: the PLY has no 'vertex' element; export the mesh again")
    vertex = data["vertex"]
    names = position_names(vertex)
    missing = [axis for axis in "xyz" if axis not in [name.lower() for name in names]]
    if missing:
        raise InputError(f"{path}: the PLY's vertices have no {', '.join(missing)}; export them with x, y and z")
    lists = [p.name for p in vertex.properties if p.name in (*names, *_CHANNELS) and vertex.is_list(p.name)]
    if lists:
        raise InputError(f"{path}: the PLY's vertices have lists for {', '.join(lists)}; export the mesh again")
    vertices = np.stack([vertex[name] for name in names], axis=1)
    return PlyGeometry(vertices, read_triangles(path, data, vertices), data)


def read_ply(path: Path) -> PlyFile:
    """A PLY file's elements by name.

    Raises:
        InputError: it is no PLY file, or its header is broken.
    """
    return PlyFile(path)


def _face_colors(
    data: PlyFile, triangles: Triangles, vertices: int
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Faces, the file's vertices and colours [V, 3], where the faces have colours."""
    faces = triangles.corners.astype(np.int64)
    colors = read_colors(data["face"]) if data.count("face") and color_names(data["face"]) else None
    if colors is None:
        return faces, None, None
    return split_face_colors(faces, colors, triangles.polygon, vertices)


def save_ply(mesh: Mesh, path: str | os.PathLike[str]) -> None:
    """Write a binary little-endian PLY: float x, y, z; uchar red, green, blue (rounded); triangles.

    Coordinates are the file's that the mesh came from: those of a mesh with an origin that is not zero are double. Of a
    mesh whose vertices were split, all are written.

    The file is written beside `path` and then moved there, so a crash leaves no half file.

    Raises:
        InputError: the folder does not exist or cannot be written to.
    """
    path = Path(path)
    positions = file_positions(mesh)
    columns = [(axis, positions.dtype.str) for axis in "xyz"] + [(channel, "u1") for channel in _CHANNELS]
    vertices = np.empty(mesh.num_vertices, dtype=columns)
    colors = (mesh.colors.detach().cpu().clamp(0, 1) * 255).round().byte().numpy()
    for i in range(3):
        vertices["xyz"[i]] = positions[:, i]
        vertices[_CHANNELS[i]] = colors[:, i]
    write_ply(path, vertices, mesh.faces.cpu().numpy())


def file_positions(mesh: Mesh) -> np.ndarray:
    """[V, 3]: the vertices in the coordinates of the mesh's file, little-endian: float64 where the origin is not zero,
    otherwise float32."""
    positions = mesh.vertices.detach().cpu().numpy()
    if not any(mesh.origin):
        return positions.astype("<f4")
    return (positions.astype(np.float64) + mesh.origin).astype("<f8")


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
