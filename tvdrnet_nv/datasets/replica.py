"""Replica: `habitat/mesh_semantic.ply`, whose faces (often quads) have an `object_id`, and `info_semantic.json`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from tvdrnet_nv.datasets.face_objects import face_corners
from tvdrnet_nv.datasets.files import entries, json_object, whole
from tvdrnet_nv.datasets.record import Objects, SceneFolder, SceneObject, object_name
from tvdrnet_nv.io._ply_notes import without_property
from tvdrnet_nv.mesh import Mesh

_OBJECT = "object_id"  # the property of the faces


@dataclass(frozen=True)
class ReplicaScene(SceneFolder):
    """A scene of Replica; see `SceneFolder`."""

    dataset: ClassVar[str] = "replica"

    def load_mesh(self, color: tuple[float, float, float] | None = None) -> Mesh:
        """See `SceneFolder`."""
        mesh = super().load_mesh(color)
        return replace(mesh, notes=without_property(mesh.notes, _OBJECT))

    def objects(self) -> Objects:
        """The objects of info_semantic.json; a vertex belongs to each object of its faces. See `SceneFolder`."""
        file = self.mesh_file.parent / "info_semantic.json"
        data = json_object(file, "the scene's objects")
        count, members = face_corners(self.mesh_file, _OBJECT)
        found = []
        for item in entries(file, data, "objects"):
            number = whole(file, "an object's id", item.get("id"))
            name = object_name(item.get("class_name"))
            found.append(SceneObject(number, name, members.get(number, np.empty(0, np.int64))))
        return Objects(file, count, tuple(found))


def find(path: Path) -> ReplicaScene | None:
    """The scene at its folder, its folder `habitat`, or of its semantic mesh; None where there is none."""
    for habitat in (path / "habitat", path, path.parent):
        mesh = habitat / "mesh_semantic.ply"
        if mesh.is_file() and (path.is_dir() or path == mesh):
            folder = habitat.parent if habitat.name == "habitat" else habitat
            return ReplicaScene(folder.resolve().name, folder, mesh)
    return None
