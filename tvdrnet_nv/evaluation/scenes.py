"""The scenes of an evaluation: which there are, and whether their files have changed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from pathlib import Path

from tvdrnet_nv.datasets import DATASETS, SceneFolder, find_scene
from tvdrnet_nv.datasets.scannet_labels import label_table
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation.answers import file_stamp
from tvdrnet_nv.io.cameras.files import read_text

_LOOSE = re.compile(r"(scene\d{4}_\d\d)_vh_clean_2\.ply", re.IGNORECASE)
_ANNOTATIONS = {".json", ".txt", ".ply", ".obj", ".csv", ".conf"}


def scene_named(folder: Path, name: str) -> SceneFolder:
    """A scene of a folder of scenes, or of a folder that is the scene.

    Raises:
        InputError: it is not there.
    """
    found = None if folder.name == name else find_scene(folder / name)
    if found is None and folder.name == name:
        found = find_scene(folder)
    if found is None:
        raise InputError(f"{folder}: has no scene {name}; give the folder that holds it, as `scenes`")
    return found


def table_of_labels(folder: Path, name: str) -> Path | None:
    """ScanNet's table of labels beside a folder's scenes, or beside one of these; None where there is none."""
    prefix, colon, rest = str(folder).partition(":")
    plain = Path(rest) if colon and prefix in DATASETS else folder
    return label_table(plain / name if (plain / name).is_dir() else plain)


def scenes_in(folder: Path) -> dict[str, SceneFolder | Path]:
    """The scenes of a folder by name, in alphabetical order: a data set's, or else truth files NAME.txt.

    Raises:
        InputError: there are none.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give a folder of scenes or of truth files")
    found: dict[str, SceneFolder | Path] = {}
    names = {match[1] for file in folder.iterdir() if (match := _LOOSE.fullmatch(file.name))}
    for place in (*(folder / name for name in sorted(names)), *sorted(folder.iterdir())):
        if place.name in names or place.is_dir():
            scene = _scene_or_none(place)
            if scene is not None:
                found[scene.name] = scene
    if not found:
        whole = _scene_or_none(folder)
        found = {whole.name: whole} if whole is not None else {file.stem: file for file in folder.glob("*.txt")}
    if not found:
        raise InputError(f"{folder}: holds no scenes, and no truth files NAME.txt; check the path")
    return dict(sorted(found.items()))


def read_split(path: Path, there: Collection[str] | None) -> list[str]:
    """The scenes' names that a file lists, one a line.

    Args:
        path: such as ScanNet's scannetv2_val.txt.
        there: the scenes of the data set, which all names must be among; None for no such check.

    Raises:
        InputError: it names none, or one that is not there.
    """
    names = list(dict.fromkeys(line.strip() for line in read_text(path).splitlines() if line.strip()))
    if not names:
        raise InputError(f"{path}: names no scene; wanted a name on each line")
    missing = [name for name in names if there is not None and name not in there]
    if missing:
        raise InputError(f"{path}: {missing[0]} is no scene of the data set ({len(missing)} such names)")
    return names


def scene_stamp(scene: SceneFolder | Path) -> str:
    """Changes when a file of a scene's mesh or annotation changes: their names, sizes and times."""
    if isinstance(scene, Path):
        return file_stamp(scene)
    files = {file for place in {scene.folder, scene.mesh_file.parent} for file in place.iterdir()}
    own = [file for file in files if file.name.startswith(scene.name)] or list(files)
    kept = sorted(file_stamp(file) for file in own if file.suffix.lower() in _ANNOTATIONS)
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()[:16]


def _scene_or_none(place: Path) -> SceneFolder | None:
    try:
        return find_scene(place)
    except InputError:  # a folder of something else
        return None
