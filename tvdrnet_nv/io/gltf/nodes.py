"""The glTF scene graph: where each mesh stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tvdrnet_nv.io.gltf.accessors import read_floats
from tvdrnet_nv.io.gltf.document import Broken, Document, floats

_ROUNDED = 0.01  # of a quaternion's length


@dataclass(frozen=True, eq=False)
class Placed:
    """A mesh in the scene.

    Attributes:
        mesh: its index.
        node: the node that holds it; {} for a mesh without.
        transforms: [N, 4, 4] float64, from the mesh's frame to the scene's, one for each instance.
        joints: [J, 4, 4], of a skin, from the bind pose to the scene; None without. Then `transforms` is the identity.
    """

    mesh: Any
    node: dict[str, Any]
    transforms: np.ndarray
    joints: np.ndarray | None


def placed_meshes(document: Document) -> Iterator[Placed]:
    """The meshes of the scene that is shown, in the order of its nodes."""
    worlds = _worlds(document)
    _note_unplaced(document)
    if not document.items("nodes"):
        for mesh in range(len(document.items("meshes"))):
            yield Placed(mesh, {}, np.eye(4)[None], None)
    for index, world in worlds.shown.items():
        node = document.item("nodes", index)
        if node.get("mesh") is None:
            continue
        if node.get("skin") is not None:
            joints = _joints(document, node["skin"], worlds)
            yield Placed(node["mesh"], node, np.eye(4)[None], joints)
            continue
        instancing = (node.get("extensions") or {}).get("EXT_mesh_gpu_instancing")
        transforms = world[None] if instancing is None else world @ _instances(document, instancing)
        yield Placed(node["mesh"], node, transforms, None)


@dataclass(frozen=True, eq=False)
class _Worlds:
    """The nodes' transforms to the scene [4, 4]: of those that are shown, in order, and of all."""

    shown: dict[int, np.ndarray]
    all: dict[int, np.ndarray]


def _worlds(document: Document) -> _Worlds:
    nodes, scenes = document.items("nodes"), document.items("scenes")
    if len(scenes) > 1:
        document.notes.append(f"Of its {len(scenes)} scenes only one is shown.")
    children = {child for i in range(len(nodes)) for child in document.item("nodes", i).get("children") or []}
    parentless = [i for i in range(len(nodes)) if i not in children]
    roots = document.item("scenes", document.tree.get("scene", 0)).get("nodes") or [] if scenes else parentless
    center = ((document.tree.get("extensions") or {}).get("CESIUM_RTC") or {}).get("center")
    base = np.eye(4)
    base[:3, 3] = floats(center, 3, [0, 0, 0])
    shown = _descend(document, roots, base)
    return _Worlds(shown, {**_descend(document, [r for r in parentless if r not in shown], base), **shown})


def _note_unplaced(document: Document) -> None:
    """Note the meshes that no scene shows: their nodes are in none, or no node has them."""
    nodes, scenes = document.items("nodes"), document.items("scenes")
    if not nodes or not scenes:
        return
    stack = [root for i in range(len(scenes)) for root in document.item("scenes", i).get("nodes") or []]
    placed: set[int] = set()
    while stack:
        index = stack.pop()
        if index not in placed:
            placed.add(index)
            stack += document.item("nodes", index).get("children") or []
    shown = {document.item("nodes", index).get("mesh") for index in placed}
    left = [i for i in range(len(document.items("meshes"))) if i not in shown]
    if left:
        names = [str(document.item("meshes", i).get("name") or f"mesh {i}") for i in left]
        some = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
        document.notes.append(f"Its meshes that are in no scene are not shown ({len(left)}): {some}.")


def _descend(document: Document, roots: list[Any], base: np.ndarray) -> dict[int, np.ndarray]:
    found: dict[int, np.ndarray] = {}
    stack = [(root, base) for root in reversed(roots)]
    while stack:
        index, parent = stack.pop()
        node = document.item("nodes", index)
        if index in found:
            raise Broken(
                f"nodes[{index}] has more than one parent, or is a root and a child, which glTF forbids; write the "
                "file with a copy of the node for each place"
            )
        visible = (node.get("extensions") or {}).get("KHR_node_visibility") or {}
        if visible.get("visible") is False:
            document.notes.append("Its hidden nodes are not shown.")
            continue
        with np.errstate(all="ignore"):  # what is not finite is named by the mesh's checks
            found[index] = parent @ _local(document, index, node)
        stack += [(child, found[index]) for child in reversed(node.get("children") or [])]
    return found


def _local(document: Document, index: int, node: dict[str, Any]) -> np.ndarray:
    if node.get("matrix") is not None:
        if any(node.get(name) is not None for name in ("translation", "rotation", "scale")):
            document.notes.append("Nodes with a matrix and a translation, rotation or scale: the matrix counts.")
        matrix = floats(node["matrix"], 16, []).reshape(4, 4).T
        if not np.allclose(matrix[3], [0, 0, 0, 1], rtol=0, atol=1e-5):
            raise Broken(f"nodes[{index}].matrix has the last row {matrix[3].tolist()}, wanted 0, 0, 0, 1")
        return matrix
    translation, scale = floats(node.get("translation"), 3, [0, 0, 0]), floats(node.get("scale"), 3, [1, 1, 1])
    rotation = floats(node.get("rotation"), 4, [0, 0, 0, 1])
    if abs(np.linalg.norm(rotation) - 1) > _ROUNDED:
        document.notes.append(
            f"nodes[{index}] has a rotation of length {np.linalg.norm(rotation):.3g}, which is taken as 1."
        )
    return _transforms(translation[None], rotation[None], scale[None])[0]


def _transforms(translations: np.ndarray, quaternions: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """[N, 4, 4]: scale, then rotate by x, y, z, w, then translate."""
    lengths = np.linalg.norm(quaternions, axis=1, keepdims=True)
    x, y, z, w = (quaternions / np.where(lengths > 0, lengths, 1)).T
    zero = lengths[:, 0] == 0
    w = np.where(zero, 1, w)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    matrices = np.zeros((len(translations), 4, 4))
    matrices[:, :3, :3] = np.array(rows).transpose(2, 0, 1) * scales[:, None, :]
    matrices[:, :3, 3] = translations
    matrices[:, 3, 3] = 1
    return matrices


def _instances(document: Document, instancing: dict[str, Any]) -> np.ndarray:
    attributes = instancing.get("attributes") or {}
    others = [name for name in attributes if name not in ("TRANSLATION", "ROTATION", "SCALE")]
    if others:
        document.notes.append(f"Not used of its instances: {', '.join(sorted(others))}.")
    given = {
        name: read_floats(document, attributes[name])
        for name in ("TRANSLATION", "ROTATION", "SCALE")
        if name in attributes
    }
    if not given:
        return np.eye(4)[None]
    count = min(len(values) for values in given.values())
    defaults = {"TRANSLATION": [0, 0, 0], "ROTATION": [0, 0, 0, 1], "SCALE": [1, 1, 1]}
    for name, default in defaults.items():
        values = given.get(name, np.tile(np.array(default, dtype=float), (count, 1)))
        if values.shape[1] != len(default) or not np.isfinite(values).all():
            raise Broken(f"an instance's {name} is not {len(default)} finite numbers")
        given[name] = values[:count]
    return _transforms(given["TRANSLATION"], given["ROTATION"], given["SCALE"])


def _joints(document: Document, index: Any, worlds: _Worlds) -> np.ndarray:
    """[J, 4, 4]: each joint's transform after its inverse bind matrix. The node's own transform does not count."""
    skin = document.item("skins", index)
    joints = skin["joints"]
    missing = [joint for joint in joints if joint not in worlds.all]
    if missing:
        raise Broken(f"skins[{index}] names the joint {missing[0]}, which is in no scene")
    matrices = np.stack([worlds.all[joint] for joint in joints])
    if skin.get("inverseBindMatrices") is not None:
        inverse = read_floats(document, skin["inverseBindMatrices"])
        if inverse.shape[1] != 16 or len(inverse) < len(joints):
            raise Broken(f"skins[{index}] has {len(joints)} joints and {len(inverse)} inverse bind matrices")
        matrices = matrices @ inverse[: len(joints)].reshape(-1, 4, 4).transpose(0, 2, 1)
    return matrices
