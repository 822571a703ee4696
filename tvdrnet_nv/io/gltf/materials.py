"""glTF materials: the base colour, its picture, and what is transparent."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tvdrnet_nv.io._textures import CLAMP, MIRROR, REPEAT, Picture, UnreadablePicture, Wraps, open_picture
from tvdrnet_nv.io.gltf.document import Broken, Document, floats
from tvdrnet_nv.io.gltf.extensions import ktx2

_WRAPS = {33071: CLAMP, 33648: MIRROR, 10497: REPEAT}
_SOURCES = ("EXT_texture_webp", "EXT_texture_avif")
_MAPS = {"normalTexture": "normal maps", "occlusionTexture": "occlusion maps"}
# What a note calls extensions of materials, where not by their names; and those without a note.
_EFFECTS = {"KHR_materials_unlit": "unlit (--light none draws it so)"}
_SILENT = ("KHR_materials_pbrSpecularGlossiness", "KHR_materials_emissive_strength", "KHR_materials_ior")
_KTX2 = b"\xabKTX 20\xbb"


@dataclass(frozen=True, eq=False)
class Texture:
    """A picture on a surface.

    Attributes:
        picture: the picture.
        wraps: what is shown outside of [0, 1], along u and v.
        coordinates: which set: TEXCOORD_n.
        transform: [2, 3], from that set's coordinates to the picture's.
    """

    picture: Picture
    wraps: Wraps
    coordinates: int
    transform: np.ndarray


@dataclass(frozen=True, eq=False)
class Look:
    """A material as it is shown.

    Attributes:
        colored: whether the factor is a colour that faces without the picture have. White or grey under a picture is
            none.
        factor: [4], linear RGB and alpha, what the vertex colours and the picture are multiplied with.
        texture: None without.
        cutoff: alpha below it is not shown; 0 for an opaque material.
        blended: whether alpha between is partly shown.
    """

    colored: bool = False
    factor: np.ndarray = field(default_factory=lambda: np.ones(4))
    texture: Texture | None = None
    cutoff: float = 0.0
    blended: bool = False


class Materials:
    """Reads the materials that primitives use, each once; `as_stored` keeps the pictures' sizes."""

    def __init__(self, document: Document, as_stored: bool = False) -> None:
        self._document = document
        self._as_stored = as_stored
        self._looks: dict[int, Look] = {}
        self._pictures: dict[int, Picture | None] = {}
        self._effects: set[str] = set()

    def look(self, index: Any) -> Look:
        """The material of a primitive; None as an index is glTF's default material."""
        if index is None:
            return Look()
        if index not in self._looks:
            self._looks[index] = self._read(self._document.item("materials", index))
        return self._looks[index]

    @property
    def have_pictures(self) -> bool:
        """Whether one of the materials that were looked at has a picture, also one that cannot be read."""
        return bool(self._pictures)

    def note_effects(self) -> None:
        """Note which effects the materials that were looked at have besides their base colour."""
        if self._effects:
            self._document.notes.append(f"Not shown of its materials: {', '.join(sorted(self._effects))}.")

    def _read(self, material: dict[str, Any]) -> Look:
        extensions = material.get("extensions") or {}
        glossy = extensions.get("KHR_materials_pbrSpecularGlossiness")
        base, name = (material.get("pbrMetallicRoughness") or {}), "baseColor"
        if isinstance(glossy, dict):
            base, name = glossy, "diffuse"
        factor, info = base.get(f"{name}Factor"), base.get(f"{name}Texture")
        mode = material.get("alphaMode", "OPAQUE")
        cutoff = {"MASK": float(material.get("alphaCutoff", 0.5)), "BLEND": 0.5 / 255}.get(mode, 0.0)
        values = np.clip(floats(factor, 4, [1, 1, 1, 1]), 0, 1)
        emission = np.clip(floats(material.get("emissiveFactor"), 3, [0, 0, 0]), 0, 1)
        if emission.any() and info is None and not values[:3].any():  # scans whose light is baked in are often so
            values, info = np.append(emission, values[3]), material.get("emissiveTexture")
        elif emission.any():
            self._effects.add("emission")
        self._effects |= {words for key, words in _MAPS.items() if key in material}
        if "metallicRoughnessTexture" in base or "specularGlossinessTexture" in base:
            self._effects.add("maps of gloss")
        self._effects |= {
            _EFFECTS.get(name) or name.removeprefix("KHR_materials_").replace("_", " ")
            for name in extensions
            if name.startswith("KHR_materials_") and name not in _SILENT
        }
        texture = None if info is None else self._texture(info)
        colored = factor is not None if info is None else bool((values[:3] != values[0]).any())
        return Look(colored, values, texture, cutoff, mode == "BLEND")

    def _texture(self, info: dict[str, Any]) -> Texture | None:
        texture = self._document.item("textures", info["index"])
        extensions = texture.get("extensions") or {}
        source = next((extensions[n].get("source") for n in _SOURCES if n in extensions), texture.get("source"))
        if source is None and "KHR_texture_basisu" in extensions:
            raise self._document.refuse(ktx2(self._document))
        if source is None:
            source = (extensions.get("MSFT_texture_dds") or {}).get("source")
        if source is None:
            self._document.notes.append("A texture of its materials names no picture.")
            return None
        picture = self._picture(source)
        if picture is None:
            return None
        sampler = {} if texture.get("sampler") is None else self._document.item("samplers", texture["sampler"])
        u, v = (_WRAPS.get(sampler.get(key, 10497)) for key in ("wrapS", "wrapT"))
        if u is None or v is None:
            raise Broken(f"a sampler wraps by {sampler.get('wrapS')}, {sampler.get('wrapT')}")
        moved = (info.get("extensions") or {}).get("KHR_texture_transform") or {}
        offset, scale = floats(moved.get("offset"), 2, [0, 0]), floats(moved.get("scale"), 2, [1, 1])
        angle = float(moved.get("rotation", 0))
        if not math.isfinite(angle):
            raise Broken("a texture's rotation is not finite")
        c, s = math.cos(angle), math.sin(angle)
        transform = np.array([[c * scale[0], s * scale[1], offset[0]], [-s * scale[0], c * scale[1], offset[1]]])
        return Texture(picture, (u, v), int(moved.get("texCoord", info.get("texCoord", 0))), transform)

    def _picture(self, index: Any) -> Picture | None:
        if index in self._pictures:
            return self._pictures[index]
        image = self._document.item("images", index)
        name = image.get("name") or f"image {index}"
        data: bytes | None
        if image.get("bufferView") is not None:
            data = bytes(self._document.view(image["bufferView"])[0])
        else:
            uri = image["uri"]
            data = self._document.fetch(uri)
            name = uri if uri[:5].lower() != "data:" else name
        self._pictures[index] = None
        if data is None:
            self._document.notes.append(f"Its picture {name} was not found beside the file.")
        elif data.startswith(_KTX2):
            raise self._document.refuse(ktx2(self._document))
        else:
            try:
                self._pictures[index] = open_picture(data, False, self._document.path, self._as_stored)
            except UnreadablePicture as error:
                self._document.notes.append(f"Its picture {name} cannot be read ({error}).")
        return self._pictures[index]
