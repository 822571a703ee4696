"""The primitives of glTF meshes: triangles in the mesh's frame, and what their vertices carry."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._build import check_face_indices
from tvdrnet_nv.io.gltf import draco
from tvdrnet_nv.io.gltf.accessors import as_floats, read_accessor, read_floats
from tvdrnet_nv.io.gltf.document import Broken, Document, floats

_LINES = {0: "points", 1: "lines", 2: "lines", 3: "lines"}
_TRIANGLES, _STRIP, _FAN = 4, 5, 6


@dataclass(frozen=True, eq=False)
class Primitive:
    """A primitive's triangles.

    Attributes:
        vertices: [V, 3] float64, the mesh's frame, morphed by the default weights.
        faces: [F, 3] int64.
        attributes: the other attributes by name, float64 [V, K], integers normalised where the file says so.
        material: its material's index; None without.
    """

    vertices: np.ndarray
    faces: np.ndarray
    attributes: dict[str, np.ndarray]
    material: Any


class Primitives:
    """Reads primitives; counts what holds no triangles."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._dropped: Counter[str] = Counter()
        self._unread: set[str] = set()
        meshes = (document.item("meshes", i) for i in range(len(document.items("meshes"))))
        self._uses = Counter(
            (primitive.get("attributes") or {}).get("POSITION")
            for mesh in meshes
            for primitive in mesh.get("primitives") or []
        )

    def of_mesh(self, mesh: Any, node: dict[str, Any]) -> list[Primitive]:
        """The primitives of a mesh as a node shows it; those without triangles are left out."""
        found = self._document.item("meshes", mesh)
        weights = node.get("weights") or found.get("weights") or []
        primitives = [self._read(primitive, weights) for primitive in found["primitives"]]
        return [primitive for primitive in primitives if primitive is not None]

    def note_dropped(self) -> None:
        """Note the primitives that were left out, and what vertices carry besides."""
        for name, count in sorted(self._dropped.items()):
            self._document.notes.append(f"Its primitives of {name} ({count}) are not shown.")
        if self._unread:
            self._document.notes.append(f"Not used of its vertices: {', '.join(sorted(self._unread))}.")

    def _read(self, primitive: dict[str, Any], weights: list[Any]) -> Primitive | None:
        mode = primitive.get("mode", _TRIANGLES)
        if mode in _LINES:
            self._dropped[_LINES[mode]] += 1
            return None
        if mode not in (_TRIANGLES, _STRIP, _FAN):
            raise Broken(f"a primitive of mode {mode!r}")
        accessors = primitive.get("attributes") or {}
        if "POSITION" not in accessors:
            self._dropped["unknown place"] += 1
            return None
        extensions = primitive.get("extensions") or {}
        if "KHR_gaussian_splatting" in extensions:
            raise self._document.refuse("holds Gaussian splats (KHR_gaussian_splatting), not a mesh; give a mesh")
        self._unread |= {name for name in accessors if not (name == "POSITION" or _is_wanted(name))}
        attributes, indices = self._attributes(accessors, primitive, extensions.get(draco.NAME))
        vertices = attributes.pop("POSITION")
        if vertices.shape[1] != 3:
            raise Broken(f"POSITION has {vertices.shape[1]} numbers, wanted 3")
        for name, values in attributes.items():
            if len(values) != len(vertices):
                raise Broken(f"{name} has {len(values)} elements for {len(vertices)} vertices")
        if mode == _TRIANGLES and len(indices) % 3:
            self._document.notes.append("The last corners of a primitive make no whole triangle, and are not shown.")
        faces = _triangles(indices, mode)
        check_face_indices(self._document.path, faces, len(vertices))
        vertices = self._morphed(vertices, primitive.get("targets") or [], weights)
        if len(faces) == 0:
            return None
        if self._uses[accessors["POSITION"]] > 1:  # or each primitive would carry the vertices of all
            used, corners = np.unique(faces.reshape(-1), return_inverse=True)
            vertices, faces = vertices[used], corners.reshape(-1, 3)
            attributes = {name: values[used] for name, values in attributes.items()}
        return Primitive(vertices, faces, attributes, primitive.get("material"))

    def _attributes(
        self, accessors: dict[str, Any], primitive: dict[str, Any], compressed: Any
    ) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """The attributes of `wanted` names, and the vertices in a row that the triangles are made of."""
        wanted = {name: index for name, index in accessors.items() if name == "POSITION" or _is_wanted(name)}
        if isinstance(compressed, dict):
            position = self._document.item("accessors", accessors["POSITION"])
            plain = position.get("bufferView") is not None
            try:
                attributes, indices = draco.decode(self._document, compressed, wanted)
            except InputError:
                if not plain:
                    raise
            else:
                rest = {n: self._floats(n, i) for n, i in wanted.items() if n not in attributes}
                if "POSITION" not in attributes:
                    raise Broken("a Draco primitive has no POSITION")
                return {**rest, **attributes}, indices
        attributes = {name: self._floats(name, index) for name, index in wanted.items()}
        index = primitive.get("indices")
        if index is None:
            return attributes, np.arange(len(attributes["POSITION"]))
        indices = read_accessor(self._document, index)
        if indices.dtype.kind != "u" or indices.shape[1] != 1:
            raise Broken(f"accessors[{index}] holds a primitive's indices as {indices.dtype} [{indices.shape[1]}]")
        return attributes, indices[:, 0].astype(np.int64)

    def _floats(self, name: str, index: Any) -> np.ndarray:
        """An attribute's values. Colours of whole numbers are normalised, also where the file does not say so: glTF has
        no others."""
        values = read_accessor(self._document, index)
        if values.dtype.kind == "u" and values.dtype.itemsize == 4:
            raise Broken(f"{name} is stored as uint32, which is for indices alone")
        normalized = self._document.item("accessors", index).get("normalized") is True
        return as_floats(values, normalized or name == "COLOR_0")

    def _morphed(self, vertices: np.ndarray, targets: list[Any], weights: list[Any]) -> np.ndarray:
        values = floats(weights[: len(targets)], min(len(weights), len(targets)), [])
        for target, weight in zip(targets, values, strict=False):
            if weight and "POSITION" in target:
                moved = read_floats(self._document, target["POSITION"])
                if moved.shape != vertices.shape:
                    raise Broken(f"a morph target has {len(moved)} positions for {len(vertices)} vertices")
                vertices = vertices + weight * moved
        return vertices


def _is_wanted(name: str) -> bool:
    return name == "COLOR_0" or name.startswith(("TEXCOORD_", "JOINTS_", "WEIGHTS_"))


def _triangles(indices: np.ndarray, mode: int) -> np.ndarray:
    """[F, 3] of the vertices in a row; see glTF 2.0, section 3.7.2.1."""
    if mode == _TRIANGLES:
        return indices[: len(indices) // 3 * 3].reshape(-1, 3)
    i = np.arange(max(len(indices) - 2, 0))
    if mode == _FAN:
        return np.stack([indices[i + 1], indices[i + 2], indices[np.zeros_like(i)]], axis=1)
    return np.stack([indices[i], indices[i + 1 + i % 2], indices[i + 2 - i % 2]], axis=1)
