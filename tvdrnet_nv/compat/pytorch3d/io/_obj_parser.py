"""The text of OBJ and MTL files (Wavefront)."""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.compat.pytorch3d.io._errors import NoSuchFileError
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._find_file import decode_name
from tvdrnet_nv.io._mtl import parse_map
from tvdrnet_nv.io._obj_text import BadLine, parse_obj_text


@dataclass
class Obj:
    """An OBJ file. `corners` [F, 3, 3] int64: for each corner the indices of vertex, texture coordinate and normal, -1
    where there is none."""

    vertices: np.ndarray  # [V, 3] float32
    uvs: np.ndarray  # [T, 2] float32
    normals: np.ndarray  # [N, 3] float32
    corners: np.ndarray
    face_materials: np.ndarray  # [F] int64, rows of `materials`; -1 for none
    materials: list[str]  # in the order in which the file first uses them
    libraries: list[str]


@dataclass
class Material:
    """A material of an MTL file."""

    name: str
    colors: dict[str, list[float]] = field(default_factory=dict)
    picture: str | None = None


_COLORS = {"Ka": "ambient_color", "Kd": "diffuse_color", "Ks": "specular_color", "Ns": "shininess"}


def read_bytes(f: Any) -> bytes:
    """The contents of a path or of an open file.

    Raises:
        InputError: it cannot be read.
    """
    if not isinstance(f, (str, os.PathLike)):
        content = f.read()
        return content.encode("utf-8", errors="replace") if isinstance(content, str) else bytes(content)
    try:
        return Path(f).read_bytes()
    except FileNotFoundError as error:
        raise NoSuchFileError(f"{f}: no such file; check the path") from error
    except OSError as error:
        raise InputError(f"{f}: cannot be read ({error.strerror}); check the path") from error


def parse_obj(name: str, data: bytes) -> Obj:
    """Read an OBJ file's contents; polygons become fans, as PyTorch3D's.

    Args:
        name: the file, for messages.
        data: its contents.

    Raises:
        InputError: a line cannot be read. A face that names what is not there costs a warning, as in PyTorch3D.
    """
    try:
        text = parse_obj_text(data, with_normals=True)
    except BadLine as error:
        raise InputError(f"{name}: {_reworded(str(error))}; export the mesh again") from None
    if len(text.counts) and text.counts.min() < 3:
        line = int(text.face_lines[int(text.counts.argmin())]) + 1
        raise InputError(f"{name}: line {line} cannot be read (a face needs three corners); export the mesh again")
    fans = text.counts - 2
    polygon = np.repeat(np.arange(len(fans)), fans)
    step = np.arange(len(polygon)) - np.repeat(np.cumsum(fans) - fans, fans)
    first = (np.cumsum(text.counts) - text.counts)[polygon]
    indices = text.corners[np.stack([first, first + step + 1, first + step + 2], axis=1)]
    for column, rows in enumerate((text.points, text.uvs, text.normals)):
        if len(indices) and indices[..., column].max() >= len(rows):
            warnings.warn(f"{name}: Faces have invalid indices", stacklevel=3)
            break
    points, uvs, normals = (rows.astype(np.float32) for rows in (text.points[:, :3], text.uvs, text.normals))
    return Obj(points, uvs, normals, indices, text.face_materials[polygon], text.materials, text.libraries)


def _reworded(message: str) -> str:
    """What programs look for in PyTorch3D's messages."""
    message = re.sub(r"has (\d+) numbers and needs (\d)", r"has \1 numbers, and does not have \2 values", message)
    return re.sub(
        r"(\(')?((?:[^/' ]*/){3,}[^' ]*)' is no corner.*", r"\1\2': Face vertices can only have 3 properties)", message
    )


def parse_mtl(path: Path) -> list[Material]:
    """Read an MTL file.

    Raises:
        InputError: it cannot be read.
    """
    materials: list[Material] = []
    for number, line in enumerate(decode_name(read_bytes(path)).splitlines(), start=1):
        keyword, _, rest = line.strip().partition(" ")
        if keyword == "newmtl":
            materials.append(Material(rest.strip()))
        elif materials and keyword in _COLORS:
            try:
                materials[-1].colors[_COLORS[keyword]] = [float(word) for word in rest.split()[:3]]
            except ValueError:
                raise InputError(f"{path}: line {number} cannot be read; export the materials again") from None
        elif materials and keyword == "map_Kd":
            materials[-1].picture = parse_map(rest.strip()).name
    return materials
