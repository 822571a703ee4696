"""ScanNet v2: `NAME_vh_clean_2.ply`, its labels, `.segs.json` and `.aggregation.json`, and `NAME.txt`.

The files of a scene are in a folder of its name, or beside those of other scenes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from tvdrnet_nv.datasets.groups import grouped_objects
from tvdrnet_nv.datasets.record import Objects, SceneFolder
from tvdrnet_nv.datasets.scannet_labels import label_table, named_labels
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import Labels, labels_beside, load_labels
from tvdrnet_nv.io.cameras.files import numbers, read_text
from tvdrnet_nv.io.cameras.record import checked_pose

_MESH = re.compile(r"(scene\d{4}_\d\d)_vh_clean(?:_2)?\.ply", re.IGNORECASE)
_NAME = re.compile(r"scene\d{4}_\d\d", re.IGNORECASE)


@dataclass(frozen=True)
class ScanNetScene(SceneFolder):
    """A scene of ScanNet v2; see `SceneFolder`."""

    dataset: ClassVar[str] = "scannet"

    def objects(self) -> Objects:
        """The objects of NAME.aggregation.json, each made of segments of the mesh's .segs.json.

        Raises:
            InputError: a file is missing or broken, or the objects are made of another file's segments.
        """
        return grouped_objects(self._aggregation(), self.segments_file(), scene=self.name)

    def segments_file(self) -> Path:
        """That of the mesh, or else any of the scene, whose number of vertices then tells that it is another mesh's."""
        own = self.mesh_file.stem
        exact = [self.folder / f"{own}.0.010000.segs.json", self.folder / f"{own}.segs.json"]
        others = sorted(self.folder.glob(f"{self.name}_vh_clean*.segs.json"))
        return next((file for file in [*exact, *others] if file.is_file()), exact[0])

    def labels(self) -> Labels | None:
        """See `SceneFolder`; the names are those of the numbering that the file has, and the annotation's own."""
        return self._labels()[0]

    def label_scheme(self) -> str | None:
        """See `SceneFolder`."""
        return self._labels()[1]

    def alignment(self) -> np.ndarray | None:
        """`axisAlignment` of NAME.txt; see `SceneFolder`."""
        file = self.folder / f"{self.name}.txt"
        if not file.is_file():
            return None
        lines = (line.partition("=") for line in read_text(file).splitlines())
        found = dict.fromkeys(" ".join(value.split()) for key, _, value in lines if key.strip() == "axisAlignment")
        if len(found) > 1:
            raise InputError(f"{file}: has {len(found)} lines of axisAlignment that differ; leave one")
        where = f"{file}: axisAlignment"
        return checked_pose(where, numbers(where, next(iter(found)), [16]), "the transform") if found else None

    def camera_files(self) -> tuple[Path, ...]:
        """The folder `pose`, in the coordinates of the mesh; see `SceneFolder`."""
        return (self.folder / "pose",)

    def _labels(self) -> tuple[Labels | None, str | None]:
        file = labels_beside(self.mesh_file)
        if not file.is_file():
            return None, None
        annotated = self._aggregation().is_file() and self.segments_file().is_file()
        return named_labels(load_labels(file), self.objects() if annotated else None, label_table(self.folder))

    def _aggregation(self) -> Path:
        """That of the mesh: the fine mesh `_vh_clean` has one of its own."""
        fine = self.mesh_file.stem.endswith("_vh_clean")
        return self.folder / f"{self.name}{'_vh_clean' if fine else ''}.aggregation.json"


def find(path: Path) -> ScanNetScene | None:
    """The scene at a folder, at a scene's name in a folder, or of a mesh file; None where there is none.

    Raises:
        InputError: a folder holds several scenes, or a scene without a mesh.
    """
    if path.is_file():
        match = _MESH.fullmatch(path.name)
        return None if match is None else ScanNetScene(match[1], path.parent, path)
    if path.is_dir():
        names = sorted({match[1] for file in path.iterdir() if (match := _MESH.fullmatch(file.name))})
        if len(names) > 1 and path.name in names:
            names = [path.name]
        if len(names) > 1:
            some = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
            raise InputError(f"{path}: holds {len(names)} scenes ({some}); name one: scannet:{path}/{names[0]}")
        if names:
            return _scene(names[0], path)
        if _NAME.fullmatch(path.name) and any(path.glob(f"{path.name}*.json")):
            raise InputError(f"{path}: has no {path.name}_vh_clean_2.ply; download the scene's mesh")
        return None
    if _NAME.fullmatch(path.name) and path.parent.is_dir():
        return _scene(path.name, path.parent)
    return None


def _scene(name: str, folder: Path) -> ScanNetScene | None:
    """The scene with its decimated mesh, or else with the fine one."""
    meshes = (folder / f"{name}_vh_clean_2.ply", folder / f"{name}_vh_clean.ply")
    return next((ScanNetScene(name, folder, mesh) for mesh in meshes if mesh.is_file()), None)
