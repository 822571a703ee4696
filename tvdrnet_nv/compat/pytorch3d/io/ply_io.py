"""PLY files, as `pytorch3d.io.load_ply` and `save_ply`."""

from __future__ import annotations

import io
import os
import warnings

import numpy as np
import torch
from torch import Tensor

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.compat.pytorch3d.io._errors import unwritable
from tvdrnet_nv.compat.pytorch3d.io._ply_reader import File, read

__all__ = ["load_ply", "save_ply"]


def load_ply(f: File, *, path_manager: object = None) -> tuple[Tensor, Tensor]:
    """Vertices [V, 3] float32 and triangles [F, 3] int64 of a PLY file; polygons become fans.

    Args:
        f: a path, or an open file.
        path_manager: accepted; without effect.

    Raises:
        InputError: as `tvdrnet_nv.io.load_mesh`. A cloud of points has no triangles.
    """
    ply = read(f)
    return ply.verts, torch.zeros(0, 3, dtype=torch.int64) if ply.faces is None else ply.faces


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
        ValueError: a wrong shape. What is empty, or names vertices that are not there, costs a warning.
        InputError: the path cannot be written to.
    """
    for name, tensor in (("verts", verts), ("faces", faces), ("verts_normals", verts_normals)):
        if tensor is not None and tensor.numel() and (tensor.dim() != 2 or tensor.shape[1] != 3):
            raise ValueError(f"Argument '{name}' should be of shape (num, 3); got {list(tensor.shape)}")
    if not len(verts):
        warnings.warn("Empty 'verts' provided", stacklevel=2)
        verts, faces = verts.reshape(0, 3), None
    if faces is not None and len(faces) and (int(faces.min()) < 0 or int(faces.max()) >= len(verts)):
        warnings.warn("Faces have invalid indices", stacklevel=2)
    columns = [(axis, "<f4", verts[:, i]) for i, axis in enumerate("xyz")]
    if verts_normals is not None:
        columns += [(f"n{axis}", "<f4", verts_normals[:, i]) for i, axis in enumerate("xyz")]
    if colors is not None:
        kind, values = ("u1", (colors.clamp(0, 1) * 255).round()) if colors_as_uint8 else ("<f4", colors)
        columns += [(name, kind, values[:, i]) for i, name in enumerate(("red", "green", "blue"))]
    rows = np.empty(len(verts), dtype=[(name, kind) for name, kind, _ in columns])
    for name, _, values in columns:
        rows[name] = values.detach().cpu().numpy()
    indices = None if faces is None else faces.detach().cpu().numpy().astype("<i4").reshape(-1, 3)
    content = _content(rows, indices, ascii, decimal_places)
    if not isinstance(f, (str, os.PathLike)):
        f.write(content)
        return
    try:
        with atomic_path(f) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        raise unwritable(f, error) from error


def _content(rows: np.ndarray, indices: np.ndarray | None, ascii: bool, decimal_places: int | None) -> bytes:
    names = rows.dtype.names or ()
    kinds = {"<f4": "float", "|u1": "uchar"}
    header = [
        "ply",
        f"format {'ascii' if ascii else 'binary_little_endian'} 1.0",
        f"element vertex {len(rows)}",
        *(f"property {kinds[rows.dtype[name].str]} {name}" for name in names),
    ]
    if indices is None:
        indices = np.zeros((0, 3), dtype="<i4")
    else:
        header += [f"element face {len(indices)}", "property list uchar int vertex_index"]
    header.append("end_header\n")
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
