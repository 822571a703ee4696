"""Which numbering ScanNet's labels have: NYU40's, as in most releases, or the raw ids of its label table."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from tvdrnet_nv.datasets.record import Objects
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io import Labels
from tvdrnet_nv.io.cameras.files import read_text
from tvdrnet_nv.io.labels import NYU40
from tvdrnet_nv.io.scannet_names import SCANNET200

_TABLE = "scannetv2-labels.combined.tsv"


def label_table(folder: Path) -> Path | None:
    """ScanNet's table of labels, beside a scene's files or in one of the two folders above; else None."""
    here = folder.resolve()
    places = (place / _TABLE for place in (here, here.parent, here.parent.parent))
    return next((file for file in places if file.is_file()), None)


def with_table(labels: Labels, file: Path) -> Labels:
    """Raw labels with the names of a table, column `raw_category`, and the classes of NYU40, column `nyu40id`.

    Raises:
        InputError: the file is no such table.
    """
    rows = csv.DictReader(read_text(file).splitlines(), delimiter="\t")
    names, classes = dict(labels.names), {}
    try:
        for row in rows:
            number = int(row["id"])
            names[number] = row["raw_category"]
            if row["nyu40id"]:
                classes[number] = int(row["nyu40id"])
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise InputError(f"{file}: is no table with columns id, raw_category and nyu40id; download it again") from error
    return Labels(labels.of_vertex, names, classes)


def named_labels(labels: Labels, objects: Objects | None, table: Path | None = None) -> tuple[Labels, str]:
    """The labels with the names of their numbering, and a sentence on which that is and how it is known.

    A label above 40 is a raw id. Otherwise the objects decide: their names are compared with those that the two
    numberings give to the labels of their vertices. Without objects, it is taken to be NYU40. Raw ids get the names
    that the objects have, and else those of ScanNet's 200 classes. Names of the file's own comments stay.

    Args:
        labels: of the mesh file's vertices.
        objects: of the same mesh, or None.
        table: ScanNet's table, which names raw ids and says their classes of NYU40.

    Raises:
        InputError: the table is none.
    """
    nyu = dict(enumerate(NYU40, start=1))
    if labels.names and labels.names not in (nyu, SCANNET200):
        return labels, "named by the file itself"
    given = Counter[tuple[int, str]]()  # vertices of each label in objects of each name
    if objects is not None and objects.num_vertices == len(labels.of_vertex):
        for item in objects.objects:
            for label, count in zip(*np.unique(labels.of_vertex[item.vertices], return_counts=True), strict=True):
                given[int(label), item.name] += int(count)
    highest = int(labels.of_vertex.max())
    votes = {
        "NYU40": sum(n for (label, name), n in given.items() if nyu.get(label, "").replace("_", " ") == name.lower()),
        "raw": sum(n for (label, name), n in given.items() if SCANNET200.get(label) == name.lower()),
    }
    if highest > len(NYU40):
        scheme, why = "raw", f"the highest is {highest}"
    elif votes["raw"] != votes["NYU40"]:
        scheme = max(votes, key=lambda name: votes[name])
        agree, others = max(votes.values()), min(votes.values())
        why = f"the objects' names agree with these at {agree:,} vertices, with the other numbering at {others:,}"
    else:
        scheme, why = "NYU40", "none is above 40, and no object tells otherwise"
    if scheme == "NYU40":
        return Labels(labels.of_vertex, nyu), f"NYU40: {why}"
    named = Labels(labels.of_vertex, SCANNET200 | _names_by_objects(given))
    if table is None:
        return named, f"ScanNet's raw ids: {why}"
    return with_table(named, table), f"ScanNet's raw ids: {why}; {table.name} has their names and NYU40 classes"


def _names_by_objects(given: Counter[tuple[int, str]]) -> dict[int, str]:
    """Of each label, the name of the objects that most of its vertices are in; 0 is no label."""
    by_label = defaultdict[int, Counter[str]](Counter)
    for (label, name), count in given.items():
        if label:
            by_label[label][name] += count
    return {label: counts.most_common(1)[0][0] for label, counts in by_label.items()}
