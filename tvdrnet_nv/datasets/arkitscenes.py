"""ARKitScenes: `ID_3dod_mesh.ply`, boxes of objects in `ID_3dod_annotation.json`, and `lowres_wide.traj`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tvdrnet_nv.datasets.files import entries, json_object
from tvdrnet_nv.datasets.record import Objects, SceneFolder, SceneObject, object_name
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.record import ROTATION_TOLERANCE

_MESH = re.compile(r"(.+)_3dod_mesh\.ply")


@dataclass(frozen=True)
class ARKitScene(SceneFolder):
    """A scene of ARKitScenes; see `SceneFolder`."""

    dataset: ClassVar[str] = "arkitscenes"

    def objects(self) -> Objects:
        """The objects of ID_3dod_annotation.json: the vertices within each one's box; see `SceneFolder`.

        An object's id is its place in the file: the file's own are no numbers.
        """
        file = self.mesh_file.with_name(f"{self.name}_3dod_annotation.json")
        data = json_object(file, "the boxes of the scene's objects")
        mesh = self.load_mesh()
        if mesh.file_vertices is not None:
            raise InputError(f"{self.mesh_file}: has textures; wanted ARKitScenes' own mesh, which has colours")
        points = mesh.vertices.double().numpy() + np.array(mesh.origin)
        found = []
        for number, item in enumerate(entries(file, data, "data")):
            inside = _inside(f"{file}: object {number}", item, points)
            name = object_name(item.get("label"))
            found.append(SceneObject(number, name, np.flatnonzero(inside)))
        return Objects(file, len(points), tuple(found))

    def camera_files(self) -> tuple[Path, ...]:
        """The trajectory, which is world-to-camera and in the mesh's coordinates; see `SceneFolder`."""
        frames = self.folder / f"{self.name}_frames"
        return (self.folder / "lowres_wide.traj", frames / "lowres_wide.traj")


def _inside(where: str, item: dict[str, Any], points: np.ndarray) -> np.ndarray:
    """bool [V]: the points within an object's box, of which `normalizedAxes` has the axes as rows."""
    segments = item.get("segments")
    box = segments.get("obbAligned", segments.get("obb")) if isinstance(segments, dict) else None
    try:
        center, size, axes = (
            np.array((box or {})[key], dtype=np.float64).reshape(shape)
            for key, shape in (("centroid", (3,)), ("axesLengths", (3,)), ("normalizedAxes", (3, 3)))
        )
    except (TypeError, KeyError, ValueError):
        raise InputError(
            f"{where}: has no box of centroid, axesLengths and normalizedAxes; download it again"
        ) from None
    if not all(np.isfinite(part).all() for part in (center, size, axes)):
        raise InputError(f"{where}: its box is not finite; download it again")
    if size.min() < 0 or np.abs(axes @ axes.T - np.eye(3)).max() > ROTATION_TOLERANCE:
        raise InputError(f"{where}: its box has axes that are not orthonormal, or a negative length; download it again")
    return np.all(np.abs((points - center) @ axes.T) <= size / 2, axis=1)


def find(path: Path) -> ARKitScene | None:
    """The scene at its folder, or of its mesh file; None where there is none."""
    files = [path] if path.is_file() else sorted(path.glob("*_3dod_mesh.ply")) if path.is_dir() else []
    matches = [(file, match) for file in files if (match := _MESH.fullmatch(file.name))]
    if len(matches) > 1:
        raise InputError(f"{path}: holds {len(matches)} scenes of ARKitScenes; name the mesh file of one")
    return ARKitScene(matches[0][1][1], matches[0][0].parent, matches[0][0]) if matches else None
