"""The things of a scene from what it comes with: a data set's objects, or labels of its vertices."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from torch import Tensor

from tvdrnet_nv.datasets import find_scene
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.grounding.patches import patches
from tvdrnet_nv.grounding.things import Things, make_things
from tvdrnet_nv.grounding.vocabulary import plain
from tvdrnet_nv.io import Labels, labels_beside, load_labels
from tvdrnet_nv.mesh import Mesh

_NUMBERED = re.compile(r"(.+?)_(\d+)")


def scene_things(mesh: Mesh, scene: Path, labels: Path | None, up: Tensor) -> Things | None:
    """The things of a scene; None where neither objects nor labels are known.

    A data set's objects come first, unless `labels` are given. Labels that name single things, such as "chair_3",
    are things. A label such as "chair" is of as many things as its surface has patches that do not touch.

    Args:
        mesh: the scene, as it was loaded.
        scene: as the user names it.
        labels: a file of labels; by default the data set's, or the one beside the scene.
        up: [3], the direction that points up.

    Raises:
        InputError: a file cannot be used, or is of another mesh.
    """
    known = find_scene(scene)
    if labels is None and known is not None:
        objects = known.objects_if_any()
        if objects is not None and objects.objects:
            objects.check(mesh, known.mesh_file)
            listed = [(item.id, plain(item.name), item.name, item.vertices) for item in objects.objects]
            moved = [(number, name, title, _of_mesh(mesh, rows)) for number, name, title, rows in listed]
            return make_things(mesh, moved, up.cpu().numpy(), f"the objects of {objects.file.name}")
    file = labels or labels_beside(scene if known is None else known.mesh_file)
    found = known.labels() if labels is None and known is not None else None
    if found is None:
        if not file.is_file() and labels is None:
            return None
        found = load_labels(file)
    if not found.names:
        return None
    return things_of_labels(mesh, found, up, file)


def things_of_labels(mesh: Mesh, labels: Labels, up: Tensor, file: Path) -> Things:
    """The things of labels; see `scene_things`.

    Raises:
        InputError: not one label a vertex.
    """
    count = mesh.num_vertices if mesh.file_vertices is None else int(mesh.file_vertices.max()) + 1
    if len(labels.of_vertex) != count:
        raise InputError(f"{file}: {len(labels.of_vertex)} labels, but the scene has {count} vertices")
    of_vertex = labels.of_vertex if mesh.file_vertices is None else labels.of_vertex[mesh.file_vertices.cpu().numpy()]
    named = {label: labels.names[label] for label in np.unique(of_vertex).tolist() if label in labels.names}
    up_axis = up.cpu().numpy()
    if any(_NUMBERED.fullmatch(name) for name in named.values()):
        single = [(label, _plain_name(name), name, np.flatnonzero(of_vertex == label)) for label, name in named.items()]
        return make_things(mesh, single, up_axis, f"the labels of {file.name}")
    parts: list[tuple[int, str, str, np.ndarray]] = []
    for label, rows in patches(mesh, of_vertex):
        if label in named:
            name = plain(named[label])
            number = sum(other[1] == name for other in parts)
            parts.append((len(parts), name, f"{name} {number + 1}", rows))
    return make_things(mesh, parts, up_axis, f"the patches of the labels of {file.name}")


def _plain_name(name: str) -> str:
    match = _NUMBERED.fullmatch(name)
    return plain(match[1] if match else name)


def _of_mesh(mesh: Mesh, rows: np.ndarray) -> np.ndarray:
    """Vertices of the file, as those of a mesh whose vertices were split."""
    if mesh.file_vertices is None:
        return rows
    marked = np.zeros(int(max(rows.max(initial=0), int(mesh.file_vertices.max()))) + 1, dtype=bool)
    marked[rows] = True
    return np.flatnonzero(marked[mesh.file_vertices.cpu().numpy()])
