"""What is known of a data set's scene: its files, its objects, its labels, its alignment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from tvdrnet_nv.datasets.segments import load_segments
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import Labels, load_mesh
from tvdrnet_nv.io.cameras import CameraFile, read_cameras
from tvdrnet_nv.mesh import Mesh

UNNAMED = "unnamed"
"""The name of objects that have none in their file."""


def object_name(value: object) -> str:
    """An object's name of what its file has there, which may be null."""
    return (str(value).strip() if isinstance(value, str | int | float) else "") or UNNAMED


@dataclass(frozen=True, eq=False)
class SceneObject:
    """One thing in a scene.

    Attributes:
        id: as the data set's annotation numbers it, and as referral files name it.
        name: what it is, in the annotation's words.
        vertices: int64 [N], indices of the mesh file's vertices; none for an object that the mesh does not show.
    """

    id: int
    name: str
    vertices: np.ndarray


@dataclass(frozen=True, eq=False)
class Objects:
    """The objects of a scene.

    Attributes:
        file: the file that they are from, for messages.
        num_vertices: of the mesh that they belong to.
        objects: in the file's order.
        num_segments: of the over-segmentation that they are made of; 0 where there is none.
        counted_by: the file that has `num_vertices`, where it is another one, for messages.
    """

    file: Path
    num_vertices: int
    objects: tuple[SceneObject, ...]
    num_segments: int = 0
    counted_by: Path | None = None

    def counts(self) -> dict[str, int]:
        """How many objects have each name, by name in alphabetical order."""
        return dict(sorted(Counter(item.name for item in self.objects).items()))

    def notes(self) -> tuple[str, ...]:
        """Sentences on what is odd about the file: an id of several objects, objects without a name or vertices."""
        ids = Counter(item.id for item in self.objects)
        twice = sorted(number for number, count in ids.items() if count > 1)
        bare = [item.id for item in self.objects if item.name == UNNAMED]
        empty = [item.id for item in self.objects if not len(item.vertices)]
        said = {
            "ids that several objects have, and that mean all of these": twice,
            f'objects without a name, which are called "{UNNAMED}"': bare,
            "objects without a vertex of the mesh": empty,
        }
        return tuple(f"{what}: {_some(numbers)}" for what, numbers in said.items() if numbers)

    def describe(self) -> str:
        """The names that there are, and how many of each: "chair ×3, table"."""
        return ", ".join(name if count == 1 else f"{name} ×{count}" for name, count in self.counts().items())

    def check(self, mesh: Mesh, mesh_file: Path) -> None:
        """Raise InputError unless they belong to this mesh, read from this file."""
        count = file_vertex_count(mesh)
        # The last vertices of a file may be in no face, and so not in a mesh that was split.
        if count != self.num_vertices and (mesh.file_vertices is None or count > self.num_vertices):
            raise InputError(
                f"{self.counted_by or self.file}: is of a mesh of {self.num_vertices:,} vertices, but {mesh_file.name} "
                f"has {count:,}; give the mesh that belongs to it"
            )

    def choose(self, wanted: Sequence[str]) -> tuple[SceneObject, ...]:
        """The objects that texts mean: a number is one object's id, a name all objects of that name.

        Upper case and underscores make no difference: "Shower_Curtain" is "shower curtain".

        Raises:
            InputError: there is none; the message lists the names that there are.
        """
        chosen: dict[int, SceneObject] = {}  # by place: a broken annotation may give an id twice
        for text in wanted:
            if text.isascii() and text.isdigit():
                found = {k: item for k, item in enumerate(self.objects) if item.id == int(text)}
                ids = [item.id for item in self.objects]
                there = f"ids go from {min(ids)} to {max(ids)}" if ids else "there are no objects"
                missing = f"no object has the id {text}; {there}"
            else:
                found = {k: item for k, item in enumerate(self.objects) if _plain(item.name) == _plain(text)}
                missing = f"no object is named {text!r}; there are {self.describe() or 'no objects'}"
            if not found:
                raise InputError(f"{self.file}: {missing}")
            chosen |= found
        return tuple(chosen.values())

    def mask(self, wanted: Sequence[str]) -> np.ndarray:
        """bool [num_vertices]: the file's vertices of the objects that `choose` finds.

        Raises:
            InputError: as `choose`.
        """
        marked = np.zeros(self.num_vertices, dtype=bool)
        for item in self.choose(wanted):
            marked[item.vertices] = True
        return marked


@dataclass(frozen=True)
class SceneFolder:
    """A scene of a data set: where its files are. Files are read when they are asked for.

    Each data set's own class says how. What a scene has no file for is None, or an InputError that names the file.

    Attributes:
        name: the scene's, such as "scene0000_00".
        folder: where its files are.
        mesh_file: the mesh that is drawn.
    """

    dataset: ClassVar[str] = ""

    name: str
    folder: Path
    mesh_file: Path

    def load_mesh(self, color: tuple[float, float, float] | None = None) -> Mesh:
        """The mesh, as `tvdrnet_nv.io.load_mesh` reads it."""
        return load_mesh(self.mesh_file, color)

    def objects(self) -> Objects:
        """The objects.

        Raises:
            InputError: a file is missing or broken.
        """
        raise InputError(
            f"{self.folder}: objects of {self.dataset} scenes are not read; use `focus` label, box or point"
        )

    def segments_file(self) -> Path | None:
        """The over-segmentation of the mesh that the objects are made of; None where the data set has none."""
        return None

    def segments(self) -> np.ndarray | None:
        """int64 [V], the segment of each vertex of the mesh file; None where there is no such file.

        Raises:
            InputError: the file is broken.
        """
        file = self.segments_file()
        return load_segments(file, self.name) if file is not None and file.is_file() else None

    def objects_if_any(self) -> Objects | None:
        """The objects; None where they cannot be read: test scenes have none, some data sets neither."""
        try:
            return self.objects()
        except InputError:
            return None

    def labels(self) -> Labels | None:
        """The label of each vertex of the mesh file; None where there is no such file.

        Raises:
            InputError: the file is broken.
        """
        return None

    def label_scheme(self) -> str | None:
        """Which numbering the labels have, and how that is known; None where there are no labels."""
        return None

    def alignment(self) -> np.ndarray | None:
        """float64 [4, 4], column vectors: from the mesh file's coordinates to the data set's axis-aligned ones.

        None where the data set gives none for this scene.
        """
        return None

    def camera_files(self) -> tuple[Path, ...]:
        """Where the frames' poses are, for `read_cameras`; the first that exists counts.

        Empty where the data set has none in the coordinates of its mesh.
        """
        return ()

    def read_cameras(self, path: Path) -> CameraFile:
        """The cameras of one of `camera_files`, in the coordinates of the mesh's file.

        Raises:
            InputError: they cannot be read.
        """
        return read_cameras(path)


def file_vertex_count(mesh: Mesh) -> int:
    """How many vertices the mesh's file has: a mesh whose vertices were split at seams has more."""
    return mesh.num_vertices if mesh.file_vertices is None else int(mesh.file_vertices.max()) + 1


def _some(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:8])) + (f", … ({len(numbers)})" if len(numbers) > 8 else "")


def _plain(name: str) -> str:
    return " ".join(name.replace("_", " ").lower().split())
