"""Objects made of segments: ScanNet's, ScanNet++'s, 3RScan's and Matterport3D's files of groups and segments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.datasets.files import check_scene, entries, json_object, whole, whole_array
from tvdrnet_nv.datasets.record import Objects, SceneObject, object_name
from tvdrnet_nv.datasets.segments import load_segments
from tvdrnet_nv.errors import InputError

_SCANNET_MESH = re.compile(r"_vh_clean(_2)?(?![a-z0-9_])", re.IGNORECASE)


def grouped_objects(groups_file: Path, segments_file: Path, *, scene: str = "") -> Objects:
    """Objects of a file's `segGroups`, each made of the segments that another file gives the vertices as `segIndices`.

    Args:
        groups_file: each group has `objectId` (or `id`), `label` and `segments`.
        segments_file: one segment for each vertex of the mesh.
        scene: the scene's name; ScanNet's files say of which one they are.

    Raises:
        InputError: a file is missing or broken, or of another scene, or the groups are made of another file's segments.
    """
    data = json_object(groups_file, "the scene's objects; a data set's test scenes have none")
    check_scene(groups_file, data, scene)
    _check_same_mesh(groups_file, data, segments_file)
    of_vertex = load_segments(segments_file, scene)
    members = members_of(of_vertex)
    found, missing = [], 0
    for group in entries(groups_file, data, "segGroups"):
        number = whole(groups_file, "an object's objectId", group.get("objectId", group.get("id")))
        wanted = whole_array(groups_file, f"object {number}'s segments", group.get("segments")).tolist()
        missing += sum(segment not in members for segment in wanted)
        vertices = [members[segment] for segment in dict.fromkeys(wanted) if segment in members]
        name = object_name(group.get("label"))
        found.append(SceneObject(number, name, np.concatenate(vertices) if vertices else np.empty(0, np.int64)))
    if missing:
        raise InputError(
            f"{groups_file}: {missing} of its objects' segments are not in {segments_file.name}; the two belong to "
            f"different meshes (it names {data.get('segmentsFile', 'no file')})"
        )
    return Objects(groups_file, len(of_vertex), tuple(found), len(members), segments_file)


def _check_same_mesh(groups_file: Path, data: dict[str, Any], segments_file: Path) -> None:
    """Refuse ScanNet's objects of the fine mesh with the decimated one's segments, or the reverse: their numbers differ
    in meaning, and may be there all the same."""
    named = str(data.get("segmentsFile", ""))
    said, used = _SCANNET_MESH.search(named), _SCANNET_MESH.search(segments_file.name)
    if said is not None and used is not None and said[0].lower() != used[0].lower():
        raise InputError(
            f"{groups_file}: is made of the segments of {named} (segmentsFile), not of {segments_file.name}; download "
            "the file of this mesh"
        )


def members_of(numbers: np.ndarray) -> dict[int, np.ndarray]:
    """The places int64 [N] of each number in an array [V] of whole numbers."""
    present, place = np.unique(numbers, return_inverse=True)
    order = np.argsort(place, kind="stable")
    parts = np.split(order, np.cumsum(np.bincount(place))[:-1]) if len(numbers) else []
    return dict(zip(present.tolist(), parts, strict=True))
