"""What `pytorch3d.io` reads of a PLY file: its own coordinates, its polygons as fans, and colours as they are."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.io._errors import check_exists
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.io._ply_colors import color_names, scaled
from tvdrnet_nv.io._ply_data import Element
from tvdrnet_nv.io._ply_faces import index_name
from tvdrnet_nv.io.ply import load_ply as load_any_name
from tvdrnet_nv.io.ply import read_ply as read_elements

File = str | os.PathLike[str] | IO[Any]


@dataclass
class Ply:
    """A PLY file's vertices and triangles.

    Attributes:
        verts: [V, 3] float32, in the file's coordinates.
        faces: [F, 3] int64, or None in a file without faces.
        normals: [V, 3] float32, or None.
        colors: [V, 3] float32, or None; those in 8 bits are divided by 255, floats are as they are.
    """

    verts: Tensor
    faces: Tensor | None
    normals: Tensor | None
    colors: Tensor | None


def read(f: File) -> Ply:
    """Read a path, or an open file.

    Raises:
        InputError: it is missing, no PLY file, or broken, or its vertices have no positions.
    """
    with _on_disk(f) as path:
        check_exists(path)
        if not path.is_file():
            load_mesh(path)  # which says what it is
        with path.open("rb") as file:
            if not file.read(3).lower() == b"ply":
                raise InputError(f"{path}: Invalid file header. It does not start with 'ply'; check the file")
        data = read_elements(path)
        if "vertex" not in data:
            raise InputError(f"{path}: the PLY has no 'vertex' element; export it again")
        vertex = data["vertex"]
        missing = [axis for axis in "xyz" if axis not in vertex]
        if missing:
            raise InputError(f"{path}: the PLY's vertices have no {', '.join(missing)}; export them with x, y and z")
        verts = _rows(vertex, ("x", "y", "z"))
        normals = ("nx", "ny", "nz")
        faces = None
        if data.count("tristrips"):
            faces = load_any_name(path, (1.0, 1.0, 1.0)).faces.to(torch.int64)
        elif data.count("face"):
            faces = _fans(path, data["face"])
            if len(faces) and not 0 <= int(faces.min()) <= int(faces.max()) < len(verts):
                warnings.warn(f"{path}: Faces have invalid indices", stacklevel=4)
        return Ply(verts, faces, _rows(vertex, normals) if all(n in vertex for n in normals) else None, _colors(vertex))


@contextmanager
def _on_disk(f: File) -> Iterator[Path]:
    """A path to the contents of a path or of an open file."""
    if isinstance(f, (str, os.PathLike)):
        yield Path(f)
        return
    content = f.read()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stream.ply"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        yield path


def _rows(vertex: Element, names: tuple[str, ...]) -> Tensor:
    return torch.from_numpy(np.stack([vertex[name] for name in names], axis=1).astype(np.float32))


def _colors(vertex: Element) -> Tensor | None:
    names = color_names(vertex)
    if not names:
        return None
    values = np.stack([vertex[name] for name in names], axis=1)
    floats = all(np.dtype(vertex.ply_property(name).val_dtype).kind == "f" for name in names)
    return torch.from_numpy(values.astype(np.float32) if floats else scaled(values))


def _fans(path: Path, face: Element) -> Tensor:
    """Triangles [F, 3]. Where all polygons have as many corners, first those of all first three, and so on."""
    name = index_name(face)
    if name is None or not face.is_list(name):
        raise InputError(f"{path}: the PLY's faces have no list of vertex indices; export the mesh again")
    lists = face.lists(name)
    if lists.values.dtype.kind not in "iu":
        raise InputError(
            f"{path}: the PLY's faces have vertex indices that are no whole numbers; export the mesh again"
        )
    if len(lists.counts) and lists.counts.min() < 3:
        raise InputError(f"{path}: Faces must have at least 3 vertices. Face {int(lists.counts.argmin())} has fewer")
    counts, values = lists.counts, torch.from_numpy(lists.values.astype(np.int64))
    if len(counts) and (counts == counts[0]).all() and counts[0] >= 3:
        polygons = values.reshape(len(counts), -1)
        steps = range(1, polygons.shape[1] - 1)
        return torch.cat([polygons[:, [0, step, step + 1]] for step in steps])
    fans = np.maximum(counts - 2, 0)
    step = np.arange(int(fans.sum())) - np.repeat(np.cumsum(fans) - fans, fans)
    first = np.repeat(np.cumsum(counts) - counts, fans)
    return values[torch.from_numpy(np.stack([first, first + step + 1, first + step + 2], axis=1))]
