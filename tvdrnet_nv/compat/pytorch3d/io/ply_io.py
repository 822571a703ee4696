"""PLY files, as `pytorch3d.io.load_ply` and `save_ply`."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.io._ply_colors import read_colors
from tvdrnet_nv.io.ply import load_ply as load_any_name
from tvdrnet_nv.io.ply import read_ply as read_elements
from tvdrnet_nv.mesh import Mesh

__all__ = ["load_ply", "save_ply"]

File = str | os.PathLike[str] | IO[Any]


@contextmanager
def _on_disk(f: File, suffix: str) -> Iterator[Path]:
    """A path to the contents of a path or of an open file."""
    if isinstance(f, (str, os.PathLike)):
        yield Path(f)
        return
    content = f.read()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"stream{suffix}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        yield path


def read_points(f: File) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """Positions [V, 3] of a PLY file's vertices, in the file's coordinates; their normals and colours, or None.

    Raises:
        InputError: as `tvdrnet_nv.io.load_mesh`.
    """
    with _on_disk(f, ".ply") as path:
        if not path.is_file():
            load_mesh(path)  # which says that it is missing
        data = read_elements(path)
        if "vertex" not in data:
            raise InputError(f"{path}: the PLY has no 'vertex' element; export it again")
        vertex = data["vertex"]
        missing = [axis for axis in "xyz" if axis not in vertex]
        if missing:
            raise InputError(f"{path}: the PLY's vertices have no {', '.join(missing)}; export them with x, y and z")

        def rows(names: tuple[str, ...]) -> Tensor:
            return torch.from_numpy(np.stack([vertex[name] for name in names], axis=1).astype(np.float32))

        normals = ("nx", "ny", "nz")
        colors = read_colors(vertex)
        return (
            rows(("x", "y", "z")),
            rows(normals) if all(name in vertex for name in normals) else None,
            None if colors is None else torch.from_numpy(colors),
        )


def is_cloud(f: str | os.PathLike[str]) -> bool:
    """Whether a PLY file has vertices and no faces."""
    with Path(f).open("rb") as file:
        header = file.read(65536).partition(b"end_header")[0].split(b"\n")
    counts = {
        line.split()[1]: line.split()[2] for line in header if line.startswith(b"element ") and len(line.split()) > 2
    }
    return b"vertex" in counts and counts.get(b"face", b"0") == b"0" and b"tristrips" not in counts


def read_ply(f: File) -> tuple[Mesh, bool]:
    """The mesh with the file's vertices in the file's coordinates, and whether they have colours."""
    with _on_disk(f, ".ply") as path:
        # Whatever the file is called, as PyTorch3D.
        mesh = load_any_name(path) if path.is_file() else load_mesh(path)
        if mesh.file_vertices is not None:  # split for what PyTorch3D does not read: no split with one colour
            return _in_file(load_any_name(path, (1.0, 1.0, 1.0))), False
        with path.open("rb") as file:
            header = file.read(65536).partition(b"end_header")[0]
    return _in_file(mesh), all(b" " + name in header for name in (b"red", b"green", b"blue"))


def _in_file(mesh: Mesh) -> Mesh:
    """The mesh with the coordinates of its file, rounded to float32 as PyTorch3D rounds them."""
    if not any(mesh.origin):
        return mesh
    vertices = mesh.vertices.double() + torch.tensor(mesh.origin, dtype=torch.float64)
    return replace(mesh, vertices=vertices.float(), origin=(0.0, 0.0, 0.0))


def load_ply(f: File, *, path_manager: object = None) -> tuple[Tensor, Tensor]:
    """Vertices [V, 3] float32 and triangles [F, 3] int64 of a PLY file; polygons become fans.

    Args:
        f: a path, or an open file.
        path_manager: accepted; without effect.

    Raises:
        InputError: as `tvdrnet_nv.io.load_mesh`. A cloud of points has no triangles.
    """
    with _on_disk(f, ".ply") as path:
        if path.is_file() and is_cloud(path):
            return read_points(path)[0], torch.zeros(0, 3, dtype=torch.int64)
        mesh, _ = read_ply(path)
    return mesh.vertices, mesh.faces.to(torch.int64)


def save_ply(
    f: File,
    verts: Tensor,
    faces: Tensor | None = None,
    verts_normals: Tensor | None = None,
    ascii: bool = False,
    decimal_places: int | None = None,
    path_manager: object = None,
    *,
    colors: Tensor | None = None,
    colors_as_uint8: bool = False,
) -> None:
    """Write a PLY file: float x, y, z and normals, triangles.

    Args:
        f: a path, or a file open for writing bytes.
        verts: [V, 3].
        faces: [F, 3], or None.
        verts_normals: [V, 3], or None.
        ascii: text instead of little-endian binary.
        decimal_places: of the text's numbers; default what it takes to read the same float32.
        path_manager: accepted; without effect.
        colors: [V, 3] in 0..1, which PyTorch3D has not here.
        colors_as_uint8: write them as uchar, 0 to 255, instead of float.

    Raises:
        ValueError: a wrong shape.
        InputError: the path cannot be written to.
    """
    for name, tensor in (("verts", verts), ("faces", faces), ("verts_normals", verts_normals)):
        if tensor is not None and tensor.numel() and (tensor.dim() != 2 or tensor.shape[1] != 3):
            raise ValueError(f"Argument '{name}' should be of shape (num, 3); got {list(tensor.shape)}")
    columns = [(axis, "<f4", verts[:, i]) for i, axis in enumerate("xyz")]
    if verts_normals is not None:
        columns += [(f"n{axis}", "<f4", verts_normals[:, i]) for i, axis in enumerate("xyz")]
    if colors is not None:
        kind, values = ("u1", (colors.clamp(0, 1) * 255).round()) if colors_as_uint8 else ("<f4", colors)
        columns += [(name, kind, values[:, i]) for i, name in enumerate(("red", "green", "blue"))]
    rows = np.empty(len(verts), dtype=[(name, kind) for name, kind, _ in columns])
    for name, _, values in columns:
        rows[name] = values.detach().cpu().numpy()
    indices = np.zeros((0, 3), dtype="<i4") if faces is None else faces.detach().cpu().numpy().astype("<i4")
    content = _content(rows, indices, ascii, decimal_places)
    if not isinstance(f, (str, os.PathLike)):
        f.write(content)
        return
    try:
        with atomic_path(f) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise InputError(f"{f}: cannot be written ({error.strerror}); check that its folder exists") from error


def _content(rows: np.ndarray, indices: np.ndarray, ascii: bool, decimal_places: int | None) -> bytes:
    names = rows.dtype.names or ()
    kinds = {"<f4": "float", "|u1": "uchar"}
    header = [
        "ply",
        f"format {'ascii' if ascii else 'binary_little_endian'} 1.0",
        f"element vertex {len(rows)}",
        *(f"property {kinds[rows.dtype[name].str]} {name}" for name in names),
        f"element face {len(indices)}",
        "property list uchar int vertex_index",
        "end_header\n",
    ]
    out = io.BytesIO("\n".join(header).encode("ascii"))
    out.seek(0, io.SEEK_END)
    if not ascii:
        faces = np.empty(len(indices), dtype=[("count", "u1"), ("corners", "<i4", (3,))])
        faces["count"], faces["corners"] = 3, indices
        out.write(rows.tobytes() + faces.tobytes())
        return out.getvalue()
    number = "%.9g" if decimal_places is None else f"%.{decimal_places}f"
    formats = ["%d" if rows.dtype[name].str == "|u1" else number for name in names]
    np.savetxt(out, np.stack([rows[name].astype(np.float64) for name in names], axis=1), fmt=formats)
    np.savetxt(out, indices, fmt="3 %d %d %d")
    return out.getvalue()
