"""Which numbering ScanNet's labels have: NYU40's, as in most releases, or the raw ids of its label table."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from tvdrnet_nv.datasets.record import Objects
from tvdrnet_nv.io import Labels
from tvdrnet_nv.io.labels import NYU40
from tvdrnet_nv.io.scannet_names import SCANNET200


def named_labels(labels: Labels, objects: Objects | None) -> tuple[Labels, str]:
    """The labels with the names of their numbering, and a sentence on which that is and how it is known.

    A label above 40 is a raw id. Otherwise the objects decide: their names are compared with those that the two
    numberings give to the labels of their vertices. Without objects, it is taken to be NYU40. Raw ids get the names
    that the objects have, and else those of ScanNet's 200 classes. Names of the file's own comments stay.

    Args:
        labels: of the mesh file's vertices.
        objects: of the same mesh, or None.
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
    return Labels(labels.of_vertex, SCANNET200 | _names_by_objects(given)), f"ScanNet's raw ids: {why}"


def _names_by_objects(given: Counter[tuple[int, str]]) -> dict[int, str]:
    """Of each label, the name of the objects that most of its vertices are in; 0 is no label."""
    by_label = defaultdict[int, Counter[str]](Counter)
    for (label, name), count in given.items():
        if label:
            by_label[label][name] += count
    return {label: counts.most_common(1)[0][0] for label, counts in by_label.items()}
