"""Small glTF files by code."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.io.examples import TRIANGLES, VERTICES
from tvdrnet_nv.io import load_mesh
from tvdrnet_nv.mesh import Mesh

_COMPONENTS = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}
_TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}


class GltfFile:
    """Collects a tree and its bytes; `tree` may be changed before `write`."""

    def __init__(self) -> None:
        self.tree: dict[str, Any] = {
            "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": []}], "nodes": [], "meshes": [],
            "accessors": [], "bufferViews": [], "buffers": [{}],
        }  # fmt: skip
        self.data = bytearray()

    def add(self, kind: str, item: dict[str, Any]) -> int:
        self.tree.setdefault(kind, []).append(item)
        return len(self.tree[kind]) - 1

    def view(self, data: bytes, **more: Any) -> int:
        self.data += b"\0" * (-len(self.data) % 4)
        offset = len(self.data)
        self.data += data
        return self.add("bufferViews", {"buffer": 0, "byteOffset": offset, "byteLength": len(data), **more})

    def accessor(self, values: np.ndarray, **more: Any) -> int:
        values = np.asarray(values)
        rows = values.reshape(len(values), -1)
        kind = {"componentType": _COMPONENTS[rows.dtype.str[1:]], "type": _TYPES[rows.shape[1]], "count": len(rows)}
        return self.add("accessors", {"bufferView": self.view(rows.tobytes()), **kind, **more})

    def texture(self, picture: bytes, **more: Any) -> int:
        image = self.add("images", {"bufferView": self.view(picture), "mimeType": "image/png"})
        return self.add("textures", {"source": image, **more})

    def mesh(
        self,
        vertices: np.ndarray | int,
        faces: Sequence[Sequence[int]] | np.ndarray | None,
        node: dict[str, Any] | None = None,
        material: dict[str, Any] | None = None,
        mode: int = 4,
        **attributes: int,
    ) -> int:
        """A mesh of one primitive on a node of its own; returns the mesh's index."""
        position = vertices if isinstance(vertices, int) else self.accessor(np.asarray(vertices, dtype="f4"))
        primitive: dict[str, Any] = {"attributes": {"POSITION": position, **attributes}, "mode": mode}
        if faces is not None:
            primitive["indices"] = self.accessor(np.asarray(faces, dtype="u2").reshape(-1))
        if material is not None:
            primitive["material"] = self.add("materials", material)
        mesh = self.add("meshes", {"primitives": [primitive]})
        self.tree["scenes"][0]["nodes"].append(self.add("nodes", {"mesh": mesh, **(node or {})}))
        return mesh

    def write(self, path: Path) -> Path:
        """Write a GLB, or by its name a glTF with its bytes in `buffer one.bin`."""
        self.tree["buffers"][0]["byteLength"] = len(self.data)
        if path.suffix == ".gltf":
            self.tree["buffers"][0]["uri"] = "buffer%20one.bin"
            (path.parent / "buffer one.bin").write_bytes(self.data)
            path.write_text(json.dumps(self.tree))
            return path
        text = json.dumps(self.tree).encode()
        text += b" " * (-len(text) % 4)
        binary = bytes(self.data) + b"\0" * (-len(self.data) % 4)
        head = struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(binary))
        chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
        path.write_bytes(head + chunks)
        return path


def read(file: GltfFile, folder: Path) -> Mesh:
    return load_mesh(file.write(folder / "a.glb"))


def quad(**more: Any) -> GltfFile:
    file = GltfFile()
    file.mesh(VERTICES, TRIANGLES, **more)
    return file
