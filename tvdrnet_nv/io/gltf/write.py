"""GLB files (glTF 2.0), written: the bytes of one mesh of several primitives."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

_TYPES = {"f4": 5126, "u2": 5123, "u4": 5125}  # glTF's names of types
_WIDTHS = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}
_VERTICES, _INDICES = 34962, 34963  # and of buffers
CLAMP, MIRROR = 33071, 33648  # what a picture shows outside of [0, 1]; repeated without


@dataclass(frozen=True, eq=False)
class EncodedPicture:
    """A picture as a file's bytes.

    Attributes:
        data: a PNG or JPEG file's.
        mime: 'image/png' or 'image/jpeg'.
        wrap: `CLAMP` or `MIRROR`; None for repeated.
    """

    data: bytes
    mime: str
    wrap: int | None = None


class GlbWriter:
    """The JSON and the numbers of a GLB file that grows.

    Args:
        unlit: whether the colours are shown as they are (KHR_materials_unlit).
    """

    def __init__(self, unlit: bool = False) -> None:
        self._unlit = unlit
        self._bytes = bytearray()
        self._lists: dict[str, list[dict[str, Any]]] = {"materials": [], "accessors": [], "bufferViews": []}
        self._primitives: list[dict[str, Any]] = []

    def add(
        self,
        vertices: np.ndarray,
        faces: np.ndarray,
        colors: np.ndarray | None = None,
        uv: np.ndarray | None = None,
        picture: EncodedPicture | None = None,
    ) -> None:
        """Add triangles of one material, both sides of which are drawn.

        Args:
            vertices: [V, 3], at least one.
            faces: [F, 3] indices, at least one.
            colors: [V, 3 or 4], linear: float, or uint16 with 65535 for one, which must be four, as a row takes a
                multiple of four bytes.
            uv: [V, 2]; (0, 0) is the picture's upper left corner.
            picture: on the faces.
        """
        places = vertices.astype("<f4")
        low, high = places.min(0).tolist(), places.max(0).tolist()
        attributes = {"POSITION": self._accessor(places, min=low, max=high)}
        if colors is not None:
            whole = colors.dtype.kind == "u"
            values = colors.astype("<u2" if whole else "<f4")
            attributes["COLOR_0"] = self._accessor(values, **({"normalized": True} if whole else {}))
        if uv is not None:
            attributes["TEXCOORD_0"] = self._accessor(uv.astype("<f4"))
        indices = self._accessor(faces.astype("<u4").reshape(-1, 1), target=_INDICES)
        surface: dict[str, Any] = {"metallicFactor": 0.0, "roughnessFactor": 1.0}
        if picture is not None:
            surface["baseColorTexture"] = {"index": self._texture(picture)}
        material: dict[str, Any] = {"pbrMetallicRoughness": surface, "doubleSided": True}
        if self._unlit:
            material["extensions"] = {"KHR_materials_unlit": {}}
        index = self._append("materials", material)
        self._primitives.append({"attributes": attributes, "indices": indices, "material": index})

    def to_bytes(self) -> bytes:
        """The file."""
        tree: dict[str, Any] = {
            "asset": {"version": "2.0"},
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}],
            "meshes": [{"primitives": self._primitives}],
            **self._lists,
            "buffers": [{"byteLength": len(self._bytes)}],
        }
        if self._unlit:
            tree["extensionsUsed"] = ["KHR_materials_unlit"]
        text = json.dumps(tree, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        total = 12 + 8 + len(text) + 8 + len(self._bytes)
        head = struct.pack("<4sII", b"glTF", 2, total) + struct.pack("<I4s", len(text), b"JSON")
        return b"".join([head, text, struct.pack("<I4s", len(self._bytes), b"BIN\0"), self._bytes])

    def _append(self, name: str, item: dict[str, Any]) -> int:
        items = self._lists.setdefault(name, [])
        items.append(item)
        return len(items) - 1

    def _texture(self, picture: EncodedPicture) -> int:
        image = {"bufferView": self._view(picture.data), "mimeType": picture.mime}
        texture = {"source": self._append("images", image)}
        if picture.wrap is not None:
            texture["sampler"] = self._append("samplers", {"wrapS": picture.wrap, "wrapT": picture.wrap})
        return self._append("textures", texture)

    def _accessor(self, values: np.ndarray, target: int = _VERTICES, **more: Any) -> int:
        view = self._view(np.ascontiguousarray(values).tobytes(), target)
        kind = {"componentType": _TYPES[values.dtype.str[1:]], "type": _WIDTHS[values.shape[1]]}
        return self._append("accessors", {"bufferView": view, "count": len(values), **kind, **more})

    def _view(self, data: bytes, target: int | None = None) -> int:
        view = {"buffer": 0, "byteOffset": len(self._bytes), "byteLength": len(data)}
        self._bytes += data + b"\0" * (-len(data) % 4)
        return self._append("bufferViews", view if target is None else view | {"target": target})
