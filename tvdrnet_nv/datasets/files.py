"""Reading that all data sets share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.files import mapping, read_json

_SCENE = re.compile(r"scene\d{4}_\d\d", re.IGNORECASE)  # ScanNet's; before it may stand "scannet."


def json_object(file: Path, what: str) -> dict[str, Any]:
    """A file that is a JSON object.

    Raises:
        InputError: the file is missing, which the message says is `what`, or no JSON object.
    """
    if not file.is_file():
        raise InputError(f"{file}: no such file; it holds {what}")
    return mapping(str(file), read_json(file))


def check_scene(file: Path, data: dict[str, Any], scene: str) -> None:
    """Check that what a file says of its scene, `sceneId` and `segmentsFile`, is of ScanNet's scene of this name.

    Raises:
        InputError: it is of another one.
    """
    for key in ("sceneId", "segmentsFile"):
        found = _SCENE.search(str(data.get(key, "")))
        if found is not None and found[0].lower() != scene.lower() and _SCENE.fullmatch(scene):
            raise InputError(f"{file}: is of {found[0]} ({key}), not of {scene}; download the file of this scene")


def entries(file: Path, data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The list of JSON objects at a key.

    Raises:
        InputError: there is no such list.
    """
    found = data.get(key)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise InputError(f"{file}: has no list of objects '{key}'; download it again")
    return found


def whole(file: Path, what: str, value: Any) -> int:
    """A whole number, zero or more, of a JSON number or of digits in a text.

    Raises:
        InputError: it is none.
    """
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value < 0 or value % 1:
        said = "is missing" if value is None else f"is {repr(value)[:40]}"
        raise InputError(f"{file}: {what} {said}; wanted a whole number, zero or more")
    return int(value)


def whole_array(file: Path, what: str, value: Any) -> np.ndarray:
    """int64 [N] of a JSON list of whole numbers, zero or more.

    Raises:
        InputError: it is none.
    """
    try:
        found = np.asarray(value if isinstance(value, list) else None)
        good = found.ndim == 1 and (found.size == 0 or (found.dtype.kind in "iu" and found.min() >= 0))
    except (ValueError, OverflowError):
        good, found = False, np.empty(0)
    if not good:
        raise InputError(f"{file}: {what} is no list of whole numbers, zero or more; download it again")
    return found.astype(np.int64)
