"""Objects that a PLY file gives by its faces: each face has a number."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tvdrnet_nv.datasets.groups import members_of
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._ply_faces import index_name
from tvdrnet_nv.io.ply import read_ply


def face_corners(file: Path, name: str) -> tuple[int, dict[int, np.ndarray]]:
    """How many vertices a PLY file has, and the vertices int64 [N] of the faces of each number.

    Args:
        file: its faces are polygons of any number of corners.
        name: the faces' property with the number.

    Raises:
        InputError: the file is broken, or its faces have no such property.
    """
    data = read_ply(file)
    missing = f"{file}: its faces have no property '{name}', or no corners; download the mesh again"
    if "face" not in data or "vertex" not in data:
        raise InputError(missing)
    face = data["face"]
    key = index_name(face)
    if key is None or name not in face:
        raise InputError(missing)
    if face.is_list(name) or not face.is_list(key):
        raise InputError(f"{file}: its faces' '{name}' is a list, or their corners are none; download the mesh again")
    numbers, corners = face[name], face.lists(key)
    if numbers.dtype.kind not in "iu" or corners.values.dtype.kind not in "iu":
        raise InputError(f"{file}: its faces' '{name}' is no whole number; download the mesh again")
    sizes, flat = corners.counts, corners.values.astype(np.int64)
    count = data.count("vertex")
    if flat.size and not (flat.min() >= 0 and flat.max() < count):
        raise InputError(f"{file}: a face has a corner that is none of its {count:,} vertices; download it again")
    each = np.repeat(numbers.astype(np.int64), sizes)
    return count, {number: np.unique(flat[place]) for number, place in members_of(each).items()}
