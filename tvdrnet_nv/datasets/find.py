"""From what a user writes as SCENE to a data set's scene."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tvdrnet_nv.datasets import arkitscenes, matterport, replica, rio, scannet, scannetpp
from tvdrnet_nv.datasets.record import SceneFolder
from tvdrnet_nv.errors import InputError

DATASETS: dict[str, Callable[[Path], SceneFolder | None]] = {
    "scannet": scannet.find,
    "scannetpp": scannetpp.find,
    "replica": replica.find,
    "3rscan": rio.find,
    "arkitscenes": arkitscenes.find,
    "matterport": matterport.find,
}
"""Of each data set, what finds a scene at a path: a folder, or a scene's name in a folder of loose files; else None."""

_LOOKED_INTO = 50  # places in a folder, for a hint


def open_scene(path: Path) -> SceneFolder:
    """The scene that `DATASET:PATH` or a path names.

    Args:
        path: the scene's folder, the folder that holds its files and its name, or its mesh file; before it perhaps
            the data set's name and a colon.

    Raises:
        InputError: there is none.
    """
    found = find_scene(path)
    if found is None:
        raise InputError(
            f"{path}: is no scene of {', '.join(DATASETS)}; give a scene's folder, or DATASET:FOLDER/SCENE"
        )
    return found


def find_scene(path: Path) -> SceneFolder | None:
    """As `open_scene`; None for a path without a data set's name that is no scene of one, such as any other mesh.

    Raises:
        InputError: the path has a data set's name before it, or is a folder, and no scene is there.
    """
    prefix, colon, rest = str(path).partition(":")
    if colon and prefix in DATASETS and not path.exists():
        place = Path(rest).expanduser()
        found = DATASETS[prefix](place)
        if found is None:
            there = "no such folder, and no files of that name" if not place.exists() else "no scene there"
            raise InputError(f"{path}: {there}; wanted {prefix}:FOLDER/SCENE")
        return found
    if colon and Path(rest).exists() and not path.exists():
        raise InputError(
            f"{path}: no data set is named {prefix}; wanted one of {', '.join(DATASETS)}, or the path alone"
        )
    for find in DATASETS.values():
        found = find(path)
        if found is not None:
            return found
    if path.is_dir():
        inner = (place for place in sorted(path.glob("*"))[:_LOOKED_INTO] if place.is_dir())
        scene = next((place for place in inner if _is_scene(place)), None)
        hint = "; give a scene file or such a scene" if scene is None else f"; it holds scenes: give {scene}"
        raise InputError(f"{path}: is a directory, and no scene of {', '.join(DATASETS)}{hint}")
    return None


def _is_scene(place: Path) -> bool:
    try:
        return any(find(place) is not None for find in DATASETS.values())
    except InputError:
        return False
