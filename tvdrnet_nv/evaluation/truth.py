"""The true instances and classes of scenes: from a data set's annotation, or from files as ScanNet's benchmark has."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tvdrnet_nv.datasets import Objects, SceneFolder, SceneObject
from tvdrnet_nv.datasets.scannet_labels import label_table
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation.classes import ClassList
from tvdrnet_nv.evaluation.instance_overlaps import InstanceTruth
from tvdrnet_nv.evaluation.mask_files import read_lines, write_lines
from tvdrnet_nv.io import Labels
from tvdrnet_nv.io.cameras.files import read_text

_MOST = 2**31
_PER_CLASS = 1000  # ScanNet's code of an instance: class · 1000 + its number


def scene_truth(scene: SceneFolder, classes: ClassList) -> InstanceTruth:
    """The instances of a ScanNet scene: its objects, with the classes that its table of labels or its labels give.

    Raises:
        InputError: an annotation is missing or broken, or nothing says which classes the objects have.
    """
    if scene.dataset != "scannet":
        raise InputError(
            f"{scene.folder}: the classes of {scene.dataset} scenes are not known; give a folder of truth files, "
            "NAME.txt, with class · 1000 + number of each vertex's instance"
        )
    objects = scene.objects()
    class_of = _class_by_table(scene, classes) or _class_by_labels(scene, classes, objects)
    labels = np.zeros(objects.num_vertices, np.int64)
    instances = np.zeros(objects.num_vertices, np.int64)
    for number, item in enumerate(objects.objects, start=1):
        labels[item.vertices] = class_of(item)
        instances[item.vertices] = number
    return InstanceTruth(labels, instances)


def read_truth(path: Path) -> InstanceTruth:
    """The instances of a truth file of ScanNet's benchmark: on each vertex's line class · 1000 + its instance's number.

    A number below 1000 is a vertex without an instance.

    Raises:
        InputError: the file is missing, or a line is no whole number of zero or more.
    """
    values = read_labels(path)
    is_one = values >= _PER_CLASS
    return InstanceTruth(np.where(is_one, values // _PER_CLASS, 0), np.where(is_one, values, 0))


def write_truth(path: Path, truth: InstanceTruth) -> None:
    """Write instances as `read_truth` reads them; they are numbered from 1 in each class.

    Raises:
        ValueError: a class has more than 999 instances.
    """
    codes = np.zeros(len(truth.labels), np.int64)
    for label in np.unique(truth.labels[truth.instances != 0]).tolist():
        here = (truth.labels == label) & (truth.instances != 0)
        _, place = np.unique(truth.instances[here], return_inverse=True)
        if place.max() + 1 >= _PER_CLASS:
            raise ValueError(f"class {label} has {place.max() + 1} instances; at most {_PER_CLASS - 1} can be written")
        codes[here] = label * _PER_CLASS + place + 1
    write_lines(path, codes)


def read_labels(path: Path) -> np.ndarray:
    """int64 [V]: a file with a whole number of zero or more on each vertex's line.

    Raises:
        InputError: the file is missing, or a line is something else.
    """
    values = read_lines(path)
    wrong = np.flatnonzero(~((values >= 0) & (values < _MOST) & (values == np.round(values))))
    if len(wrong):
        at = int(wrong[0])
        raise InputError(f"{path}: line {at + 1} is {values[at]:g}; wanted whole numbers, zero or more")
    return values.astype(np.int64)


def _class_by_table(scene: SceneFolder, classes: ClassList) -> Callable[[SceneObject], int] | None:
    """By the objects' names in ScanNet's table; None without the table."""
    file = label_table(scene.folder)
    if file is None:
        return None
    column = "id" if classes.raw else "nyu40id"
    rows = csv.DictReader(read_text(file).splitlines(), delimiter="\t")
    try:
        known = {row["raw_category"]: int(row[column]) for row in rows if row[column]}
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise InputError(f"{file}: is no table with columns raw_category and {column}; download it again") from error
    return lambda item: known.get(item.name, 0)


def _class_by_labels(scene: SceneFolder, classes: ClassList, objects: Objects) -> Callable[[SceneObject], int]:
    """By the label that most of an object's vertices have, where the labels are in the classes' numbering."""
    labels, scheme = scene.labels(), scene.label_scheme() or ""
    if labels is None or scheme.startswith("NYU40") == classes.raw:
        have = "it has no labels" if labels is None else f"its labels are in another numbering ({scheme.split(':')[0]})"
        raise InputError(
            f"{scene.folder}: nothing says which of the classes of {classes.name} its objects have: {have}; put "
            "scannetv2-labels.combined.tsv beside the scenes"
        )
    if len(labels.of_vertex) != objects.num_vertices:
        raise InputError(
            f"{scene.folder}: {len(labels.of_vertex):,} vertices have labels, but {objects.num_vertices:,} have "
            "segments; the files belong to different meshes"
        )
    found: Labels = labels
    return lambda item: int(np.bincount(found.of_vertex[item.vertices]).argmax()) if len(item.vertices) else 0
