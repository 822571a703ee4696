"""A mesh as GLB (glTF 2.0), for the browser."""

from __future__ import annotations

import io
import json
import struct
from typing import Any

import numpy as np
from PIL import Image

from tvdrnet_nv.mesh import Mesh, Textures

_FLOAT, _UINT16, _UINT32 = 5126, 5123, 5125  # glTF's names of types
_VERTICES, _INDICES = 34962, 34963  # and of buffers
LARGEST_TEXTURE = 4096  # pixels a side; browsers on small GPUs take no more
_JPEG_QUALITY = 92


def mesh_glb(mesh: Mesh, *, unlit: bool) -> bytes:
    """The mesh as one GLB file, in its own frame, both sides of each face drawn.

    Colours are linear in glTF: those of the vertices are converted and kept in 16 bits. There are no normals: a viewer
    then shades each face by its plane.

    Args:
        mesh: any; of textures, those larger than 4096 pixels are made smaller.
        unlit: whether the colours are shown as they are (KHR_materials_unlit).
    """
    file = _File(unlit)
    vertices, faces = mesh.vertices.detach().cpu().numpy(), mesh.faces.cpu().numpy()
    colors = mesh.colors.detach().cpu().numpy()
    textures = None if mesh.textures is None else mesh.textures.to("cpu")
    if textures is None:
        file.part(vertices, faces, colors)
    else:
        _add_textured(file, textures, vertices, faces, colors)
    return file.to_bytes()


def _add_textured(file: _File, textures: Textures, vertices: np.ndarray, faces: np.ndarray, colors: np.ndarray) -> None:
    """One part for each picture, and one for the faces without."""
    of_face = textures.face_image.numpy()
    uv = textures.uv.detach().numpy()
    tint = None if textures.tint is None else textures.tint.detach().numpy()
    for index in np.unique(of_face).tolist():
        used, corners = np.unique(faces[of_face == index], return_inverse=True)
        part = corners.reshape(-1, 3)
        if index < 0:
            file.part(vertices[used], part, colors[used])
        else:
            painted = None if tint is None else tint[used]
            file.part(vertices[used], part, painted, uv[used], textures.images[index].detach().numpy())


def _linear(colors: np.ndarray) -> np.ndarray:
    """sRGB's colours as linear ones, both in 0..1."""
    low = colors <= 0.04045
    return np.where(low, colors / 12.92, ((np.maximum(colors, 0) + 0.055) / 1.055) ** 2.4).clip(0, 1)


class _File:
    """The JSON and the numbers of a GLB file that grows."""

    def __init__(self, unlit: bool) -> None:
        self._unlit = unlit
        self._bytes = bytearray()
        self._views: list[dict[str, Any]] = []
        self._accessors: list[dict[str, Any]] = []
        self._materials: list[dict[str, Any]] = []
        self._primitives: list[dict[str, Any]] = []
        self._images: list[dict[str, Any]] = []

    def part(
        self,
        vertices: np.ndarray,
        faces: np.ndarray,
        colors: np.ndarray | None,
        uv: np.ndarray | None = None,
        image: np.ndarray | None = None,
    ) -> None:
        """Add triangles of one material: colours [V, 3] in 0..1, texture coordinates [V, 2], a picture [H, W, 3]."""
        low, high = vertices.min(0).tolist(), vertices.max(0).tolist()
        attributes = {"POSITION": self._accessor(vertices.astype("<f4"), _FLOAT, "VEC3", min=low, max=high)}
        if colors is not None:
            opaque = np.full((len(colors), 4), 65535, dtype="<u2")  # four numbers: a row must be a multiple of 4 bytes
            opaque[:, :3] = (_linear(colors) * 65535).round()
            attributes["COLOR_0"] = self._accessor(opaque, _UINT16, "VEC4", normalized=True)
        if uv is not None:
            attributes["TEXCOORD_0"] = self._accessor(uv.astype("<f4"), _FLOAT, "VEC2")
        indices = self._accessor(faces.astype("<u4").reshape(-1), _UINT32, "SCALAR", target=_INDICES)
        material: dict[str, Any] = {
            "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 1.0},
            "doubleSided": True,
        }
        if image is not None:
            material["pbrMetallicRoughness"]["baseColorTexture"] = {"index": len(self._images)}
            self._images.append({"bufferView": self._view(_jpeg(image)), "mimeType": "image/jpeg"})
        if self._unlit:
            material["extensions"] = {"KHR_materials_unlit": {}}
        self._primitives.append({"attributes": attributes, "indices": indices, "material": len(self._materials)})
        self._materials.append(material)

    def to_bytes(self) -> bytes:
        """The file."""
        tree: dict[str, Any] = {
            "asset": {"version": "2.0"},
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}],
            "meshes": [{"primitives": self._primitives}],
            "materials": self._materials,
            "accessors": self._accessors,
            "bufferViews": self._views,
            "buffers": [{"byteLength": len(self._bytes)}],
        }
        if self._images:
            tree["images"] = self._images
            tree["textures"] = [{"source": index} for index in range(len(self._images))]
        if self._unlit:
            tree["extensionsUsed"] = ["KHR_materials_unlit"]
        text = json.dumps(tree, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        total = 12 + 8 + len(text) + 8 + len(self._bytes)
        head = struct.pack("<4sII", b"glTF", 2, total) + struct.pack("<I4s", len(text), b"JSON")
        return b"".join([head, text, struct.pack("<I4s", len(self._bytes), b"BIN\0"), self._bytes])

    def _accessor(self, values: np.ndarray, component: int, kind: str, target: int = _VERTICES, **more: Any) -> int:
        view = self._view(np.ascontiguousarray(values).tobytes(), target)
        one = {"bufferView": view, "componentType": component, "count": len(values), "type": kind, **more}
        self._accessors.append(one)
        return len(self._accessors) - 1

    def _view(self, data: bytes, target: int | None = None) -> int:
        view = {"buffer": 0, "byteOffset": len(self._bytes), "byteLength": len(data)}
        self._views.append(view if target is None else view | {"target": target})
        self._bytes += data + b"\0" * (-len(data) % 4)
        return len(self._views) - 1


def _jpeg(image: np.ndarray) -> bytes:
    """A picture, float [H, W, 3] in 0..1, as JPEG."""
    picture = Image.fromarray((image.clip(0, 1) * 255).round().astype(np.uint8))
    picture.thumbnail((LARGEST_TEXTURE, LARGEST_TEXTURE))
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=_JPEG_QUALITY)
    return data.getvalue()
