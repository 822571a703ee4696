"""Vertex labels: PLY files in the layout of ScanNet's `_vh_clean_2.labels.ply`, and plain lists of numbers."""

from __future__ import annotations

import colorsys
import os
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from plyfile import PlyListProperty

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.ply import file_positions, read_ply, write_ply
from tvdrnet_nv.io.scannet_names import SCANNET200
from tvdrnet_nv.mesh import Mesh

LARGEST_LABEL = 65535  # ScanNet's labels are ushort

# fmt: off
NYU40 = (
    "wall", "floor", "cabinet", "bed", "chair", "sofa", "table", "door", "window", "bookshelf", "picture", "counter",
    "blinds", "desk", "shelves", "curtain", "dresser", "pillow", "mirror", "floor_mat", "clothes", "ceiling",
    "books", "refrigerator", "television", "paper", "towel", "shower_curtain", "box", "whiteboard", "person",
    "nightstand", "toilet", "sink", "lamp", "bathtub", "bag", "otherstructure", "otherfurniture", "otherprop",
)
# fmt: on
"""The names of NYU's 40 labels, 1 to 40, which most of ScanNet's label files hold; 0 is no label."""

NYU40_PREFIX = "nyu40:"

_NAMED = re.compile(r"label (\d+) (\S+)")


@dataclass(frozen=True, eq=False)
class Labels:
    """What each vertex belongs to.

    Attributes:
        of_vertex: [V] int64, one label a vertex, 0 or more.
        names: of labels that have one.
        classes: of labels that belong to one of NYU40's classes by a table of the data set, its number. Then the name
            "nyu40:chair" and the number "nyu40:5" mean all labels of a class.
    """

    of_vertex: np.ndarray
    names: Mapping[int, str]
    classes: Mapping[int, int] = field(default_factory=dict)

    def counts(self) -> dict[int, int]:
        """How many vertices each label that occurs has, by label."""
        found, counts = np.unique(self.of_vertex, return_counts=True)
        return dict(zip(found.tolist(), counts.tolist(), strict=True))

    def describe(self) -> str:
        """The labels that there are, with their names: "0, 3 table_0, 4 chair_0"."""
        return ", ".join(
            f"{label} {self.names[label]}" if label in self.names else str(label) for label in self.counts()
        )

    def find(self, wanted: str) -> list[int]:
        """The labels that there are and a number or a name means; "chair" also means "chair_0", "chair_1" and so on."""
        there = self.counts()
        if wanted.startswith(NYU40_PREFIX):
            name = wanted.removeprefix(NYU40_PREFIX).replace(" ", "_")
            numbers = {str(number): number for number in range(1, 41)} | dict(zip(NYU40, range(1, 41), strict=True))
            return [label for label in there if label in self.classes and self.classes[label] == numbers.get(name)]
        if wanted.isascii() and wanted.isdigit():
            return [int(wanted)] if int(wanted) in there else []
        exact = [label for label in there if self.names.get(label) == wanted]
        return exact or [
            label for label in there if re.fullmatch(rf"{re.escape(wanted)}_\d+", self.names.get(label, ""))
        ]


def load_labels(path: str | os.PathLike[str]) -> Labels:
    """Read the labels of a PLY file's vertices: their property `label`, a whole number.

    Names are those of comments "label NUMBER NAME", as `save_labels` writes them; where there are none and the file is
    named as ScanNet names its own, ScanNet's: NYU's 40, or, where a label is above 40, those of ScanNet's raw ids.

    Raises:
        InputError: the file is missing or broken, or its vertices have no such property.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path")
    data = read_ply(path)
    if "vertex" not in data or "label" not in data["vertex"]:
        raise InputError(f"{path}: its vertices have no property 'label'; wanted a file like ScanNet's .labels.ply")
    values = data["vertex"]["label"]
    if isinstance(data["vertex"].ply_property("label"), PlyListProperty) or values.dtype.kind not in "iu":
        raise InputError(f"{path}: the vertices' 'label' is not one whole number each; export the labels again")
    if len(values) == 0 or values.min() < 0:
        what = "there are no vertices" if len(values) == 0 else f"label {values.min()} is below zero"
        raise InputError(f"{path}: {what}; export the labels again")
    names = {int(m[1]): m[2] for comment in data.comments if (m := _NAMED.fullmatch(comment.strip()))}
    if not names and path.name.endswith("_vh_clean_2.labels.ply"):
        names = dict(enumerate(NYU40, start=1)) if values.max() <= len(NYU40) else dict(SCANNET200)
    return Labels(values.astype(np.int64), names)


def save_labels(mesh: Mesh, labels: Labels, path: str | os.PathLike[str]) -> None:
    """Write the mesh with its labels in ScanNet's layout: x, y, z, red, green, blue, alpha, label (ushort); a colour
    a label, and the names as comments.

    Raises:
        ValueError: not one label a vertex, or one above 65535.
        InputError: the folder does not exist or cannot be written to.
    """
    values = labels.of_vertex
    if values.shape != (mesh.num_vertices,) or values.min() < 0 or values.max() > LARGEST_LABEL:
        raise ValueError(f"labels must be {mesh.num_vertices} numbers in 0..{LARGEST_LABEL}, one a vertex")
    positions = file_positions(mesh)
    columns = [(axis, positions.dtype.str) for axis in "xyz"]
    columns += [(name, "u1") for name in ("red", "green", "blue", "alpha")]
    vertices = np.empty(mesh.num_vertices, dtype=[*columns, ("label", "<u2")])
    for i, axis in enumerate("xyz"):
        vertices[axis] = positions[:, i]
    known = np.unique(values)
    palette = np.array([_color(int(label)) for label in known], dtype=np.uint8)[np.searchsorted(known, values)]
    for i, channel in enumerate(("red", "green", "blue")):
        vertices[channel] = palette[:, i]
    vertices["alpha"] = 255
    vertices["label"] = values
    comments = [f"label {label} {name}" for label, name in sorted(labels.names.items())]
    write_ply(Path(path), vertices, mesh.faces.cpu().numpy(), comments)


def labels_beside(scene: Path) -> Path:
    """Where the labels of a scene file are looked for: `room.labels.ply` beside `room.ply`."""
    return scene.with_name(f"{scene.stem}.labels.ply")


def load_scores(path: str | os.PathLike[str]) -> np.ndarray:
    """Read one number a vertex, [V] float64: a NumPy file `.npy`, or text, a number a line.

    Raises:
        InputError: the file is missing, of another kind or shape, or holds what is no finite number of zero or more.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numpy's, about an empty file
            values = np.load(path, allow_pickle=False) if path.suffix.lower() == ".npy" else np.loadtxt(path, ndmin=1)
    except (OSError, ValueError, EOFError, MemoryError, OverflowError) as error:
        reason = str(error).split("\n")[0]
        raise InputError(
            f"{path}: cannot be read as one number a vertex ({reason}); save it as .npy, or text"
        ) from error
    if values.ndim == 2 and 1 in values.shape:
        values = values.reshape(-1)
    if values.ndim != 1 or values.dtype.kind not in "biuf":
        raise InputError(f"{path}: wanted one number a vertex; got {values.dtype} of shape {list(values.shape)}")
    values = values.astype(np.float64)
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    if len(wrong):
        raise InputError(f"{path}: number {wrong[0]} is {values[wrong[0]]:g}; wanted finite numbers, zero or more")
    return values


def _color(label: int) -> tuple[float, ...]:
    """RGB in 0..255: hues that differ between neighbours; black for 0."""
    golden = (5**0.5 - 1) / 2
    return tuple(255 * x for x in colorsys.hsv_to_rgb(label * golden % 1, 0.65, 0.95)) if label else (0.0, 0.0, 0.0)
