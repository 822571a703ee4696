"""Objects that a PLY file gives by its faces: each face has a number."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
from plyfile import PlyData, PlyElementParseError, PlyParseError

from tvdrnet_nv.datasets.groups import members_of
from tvdrnet_nv.errors import InputError

_CORNERS = ("vertex_indices", "vertex_index")


def face_corners(file: Path, name: str) -> tuple[int, dict[int, np.ndarray]]:
    """How many vertices a PLY file has, and the vertices int64 [N] of the faces of each number.

    Args:
        file: its faces are polygons of any number of corners.
        name: the faces' property with the number.

    Raises:
        InputError: the file is broken, or its faces have no such property.
    """
    data = _read(file)
    there = {element.name: element for element in data.elements}
    known = {prop.name for prop in there["face"].properties} if "face" in there else set[str]()
    key = next((corner for corner in _CORNERS if corner in known), None)
    if name not in known or key is None or "vertex" not in there:
        raise InputError(f"{file}: its faces have no property '{name}', or no corners; download the mesh again")
    numbers, corners = np.asarray(there["face"][name]), there["face"][key]
    if numbers.dtype.kind not in "iu":
        raise InputError(f"{file}: its faces' '{name}' is no whole number; download the mesh again")
    sizes = np.fromiter((len(polygon) for polygon in corners), np.int64, len(corners))
    flat = np.concatenate([*corners, np.empty(0, np.int64)]).astype(np.int64)
    count = there["vertex"].count
    if flat.size and not (flat.min() >= 0 and flat.max() < count):
        raise InputError(f"{file}: a face has a corner that is none of its {count:,} vertices; download it again")
    each = np.repeat(numbers.astype(np.int64), sizes)
    return count, {number: np.unique(flat[place]) for number, place in members_of(each).items()}


def _read(file: Path) -> PlyData:
    """The file; lists of one known length, as quads or triangles have, are read a hundred times faster."""
    try:
        for length in (4, 3):
            # Of lists of another length, the reader may also run past the file's end.
            with suppress(PlyElementParseError):
                return PlyData.read(str(file), known_list_len={"face": dict.fromkeys(_CORNERS, length)})
        return PlyData.read(str(file))
    except (OSError, PlyParseError, ValueError, OverflowError, MemoryError) as error:
        raise InputError(f"{file}: cannot be read as PLY ({error}); download it again") from error
