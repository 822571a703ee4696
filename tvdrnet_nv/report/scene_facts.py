"""What there is to know about a data set's scene beside its mesh."""

from __future__ import annotations

from typing import Any

from tvdrnet_nv.datasets import SceneFolder
from tvdrnet_nv.datasets.record import file_vertex_count
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.mesh import Mesh


def scene_facts(scene: SceneFolder, mesh: Mesh) -> dict[str, Any]:
    """A data set's scene as plain JSON values: its objects by name, segments, labels' numbering and alignment.

    Objects that cannot be used are None, and `objects_missing` says why; so do `alignment_missing`,
    and `label_scheme` of labels. `objects_notes` says what is odd about the objects' file.

    Args:
        scene: the scene.
        mesh: what its `load_mesh` gave.

    Returns:
        A dict with a fixed set of keys.
    """
    facts: dict[str, Any] = {
        "dataset": scene.dataset,
        "name": scene.name,
        "mesh": str(scene.mesh_file.absolute()),
        "objects": None,
        "segments": None,
        "objects_missing": None,
        "objects_notes": [],
        "label_scheme": _label_scheme(scene, mesh),
        "alignment": None,
        "alignment_missing": None,
    }
    try:
        alignment = scene.alignment()
        facts["alignment"] = None if alignment is None else alignment.tolist()
    except InputError as error:
        facts["alignment_missing"] = str(error)
    try:
        objects = scene.objects()
        objects.check(mesh, scene.mesh_file)
    except InputError as error:
        facts["objects_missing"] = str(error)
        return facts
    facts["objects"] = [{"id": x.id, "name": x.name, "vertices": len(x.vertices)} for x in objects.objects]
    facts["segments"] = objects.num_segments
    facts["objects_notes"] = list(objects.notes())
    return facts


def _label_scheme(scene: SceneFolder, mesh: Mesh) -> str | None:
    try:
        labels, scheme = scene.labels(), scene.label_scheme()
    except InputError as error:
        return f"unknown: {error}"
    count = file_vertex_count(mesh)
    if labels is not None and len(labels.of_vertex) != count:
        return f"of another mesh: {len(labels.of_vertex):,} labels, but {scene.mesh_file.name} has {count:,} vertices"
    return scheme
