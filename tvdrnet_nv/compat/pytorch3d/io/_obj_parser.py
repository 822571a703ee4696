"""The text of OBJ and MTL files (Wavefront)."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.errors import InputError


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


def read_text(f: Any) -> str:
    """The contents of a path or of an open file.

    Raises:
        InputError: it cannot be read.
    """
    if not isinstance(f, (str, os.PathLike)):
        content = f.read()
        return content if isinstance(content, str) else content.decode("utf-8", errors="replace")
    try:
        return Path(f).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"{f}: cannot be read ({error.strerror}); check the path") from error


def parse_obj(name: str, text: str) -> Obj:
    """Read an OBJ file's text; polygons become fans.

    Args:
        name: the file, for messages.
        text: its contents.

    Raises:
        InputError: a line cannot be read, a face names what is not there, or there are no vertices.
    """
    points: dict[str, list[list[float]]] = {"v": [], "vt": [], "vn": []}
    wanted = {"v": 3, "vt": 2, "vn": 3}
    corners: list[tuple[tuple[int, int, int], ...]] = []
    materials: dict[str, int] = {}
    face_materials: list[int] = []
    current, libraries = -1, []
    for number, line in enumerate(text.replace("\\\n", " ").splitlines(), start=1):
        words = line.split("#")[0].split()
        if not words:
            continue
        keyword, *rest = words
        try:
            if keyword in points:
                row = [float(word) for word in rest[: wanted[keyword]]]
                if len(row) < wanted[keyword]:
                    raise ValueError(f"{wanted[keyword]} numbers are needed")
                points[keyword].append(row)
            elif keyword == "f":
                polygon = [_corner(word, points) for word in rest]
                if len(polygon) < 3:
                    raise ValueError("a face needs three corners")
                fans = [(polygon[0], polygon[i], polygon[i + 1]) for i in range(1, len(polygon) - 1)]
                corners += fans
                face_materials += [current] * len(fans)
            elif keyword == "usemtl":
                current = materials.setdefault(" ".join(rest), len(materials))
            elif keyword == "mtllib":
                libraries.append(line.split("#")[0].strip().partition(" ")[2].strip())
        except ValueError as error:
            raise InputError(f"{name}: line {number} cannot be read ({error}); export the mesh again") from None
    if not points["v"]:
        raise InputError(f"{name}: the file has no vertices; is it an OBJ file?")
    indices = np.array(corners, dtype=np.int64).reshape(-1, 3, 3)
    for column, keyword in enumerate(("v", "vt", "vn")):
        if len(indices) and indices[..., column].max() >= len(points[keyword]):
            bad = int((indices[..., column] >= len(points[keyword])).any(axis=1).argmax())
            raise InputError(
                f"{name}: triangle {bad} refers to '{keyword}' {int(indices[bad, :, column].max()) + 1}, but the file "
                f"has {len(points[keyword])}; export the mesh again"
            )
    arrays = {k: np.array(rows, dtype=np.float32).reshape(-1, wanted[k]) for k, rows in points.items()}
    of_faces = np.array(face_materials, dtype=np.int64)
    return Obj(arrays["v"], arrays["vt"], arrays["vn"], indices, of_faces, list(materials), libraries)


def _corner(word: str, points: dict[str, list[list[float]]]) -> tuple[int, int, int]:
    """Indices from 0 of 'v', 'v/vt', 'v//vn' or 'v/vt/vn', which count from 1, or back from the last one read."""
    parts = [*word.split("/"), "", ""][:3]
    if not parts[0]:
        raise ValueError(f"a corner without vertex, {word!r}")
    found = []
    for part, keyword in zip(parts, ("v", "vt", "vn"), strict=True):
        index = int(part) if part else 0
        if part and (index == 0 or index < -len(points[keyword])):
            raise ValueError(f"the index {index} in {word!r}")
        found.append(index - 1 if index >= 0 else len(points[keyword]) + index)
    return found[0], found[1], found[2]


def parse_mtl(path: Path) -> list[Material]:
    """Read an MTL file.

    Raises:
        InputError: it cannot be read.
    """
    materials: list[Material] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        keyword, _, rest = line.strip().partition(" ")
        if keyword == "newmtl":
            materials.append(Material(rest.strip()))
        elif materials and keyword in _COLORS:
            try:
                materials[-1].colors[_COLORS[keyword]] = [float(word) for word in rest.split()[:3]]
            except ValueError:
                raise InputError(f"{path}: line {number} cannot be read; export the materials again") from None
        elif materials and keyword == "map_Kd":
            # Options such as -s come first; a file's name may contain spaces.
            words = rest.strip()
            materials[-1].picture = words.split()[-1] if words.startswith("-") else words
    return materials
