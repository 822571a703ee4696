"""glTF 2.0 and GLB files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.io._build import UNCOLORED, Color, build_empty_mesh, build_mesh, without_triangles
from tvdrnet_nv.io._textures import TextureSet
from tvdrnet_nv.io.gltf.document import Document, reported
from tvdrnet_nv.io.gltf.extensions import check_extensions, note_variants
from tvdrnet_nv.io.gltf.materials import Materials
from tvdrnet_nv.io.gltf.parts import Part, part_of, placed_primitives
from tvdrnet_nv.io.gltf.primitives import Primitives
from tvdrnet_nv.mesh import Mesh, Textures

_BRIGHT = 1.005  # colours up to here are white, and rounded


def load_gltf(path: Path, color: Color | None = None) -> Mesh:
    """Read a glTF or GLB file, its scene flattened into one mesh in the scene's frame, y up, metres.

    Skins and morph targets are shown as the file's nodes and weights have them at rest. Triangles of which all is
    transparent are left out; what is transparent in part is drawn opaque, and noted. Where all triangles are
    transparent, the mesh has the scene's place and size, and draws nothing. Linear colours become sRGB.

    Raises:
        InputError: as `tvdrnet_nv.io.load_mesh`; or the file needs an extension that is not read.
    """
    with reported(path):
        document = Document(path)
        check_extensions(document)
        note_variants(document)
        parts, pictures = _parts(document)
    faces = sum(len(part.faces) for part in parts)
    hidden = sum(part.hidden for part in parts)
    if not faces and not hidden:
        raise without_triangles(path, list(dict.fromkeys(document.notes)))
    _note(document, parts, hidden, nothing=not faces)
    if not faces:
        return build_empty_mesh(path, np.concatenate([part.vertices for part in parts]), document.notes)
    return _joined(path, parts, pictures, color, document.notes)


def _parts(document: Document) -> tuple[list[Part], TextureSet]:
    materials, primitives, pictures = Materials(document), Primitives(document), TextureSet()
    parts: list[Part] = []
    with_uv = False
    for primitive, placed in placed_primitives(document, primitives):
        with_uv |= any(name.startswith("TEXCOORD_") for name in primitive.attributes)
        parts.append(part_of(primitive, placed, materials.look(primitive.material), pictures))
    primitives.note_dropped()
    materials.note_effects()
    if with_uv and not materials.have_pictures:
        document.notes.append("Its texture coordinates are not used: no material has a picture.")
    return parts, pictures


def _note(document: Document, parts: list[Part], hidden: int, *, nothing: bool) -> None:
    notes = document.notes
    if nothing:
        notes.append(
            f"All is fully transparent (alphaMode MASK or BLEND; triangles: {hidden:,}), so nothing is drawn; export "
            "it with an opaque material."
        )
    elif hidden:
        notes.append(f"Fully transparent triangles, which are left out: {hidden:,}.")
    faint = sum(part.faint for part in parts)
    if faint:
        notes.append(f"Triangles transparent in part, which are drawn opaque: {faint:,}.")
    bare = sum(part.bare for part in parts)
    if bare:
        notes.append(f"Triangles with a picture and no texture coordinates, which show the colour: {bare:,}.")
    brightest = max(part.brightest for part in parts)
    if brightest > _BRIGHT:
        notes.append(f"Its vertices' colours go up to {brightest:.4g}, and are clipped at 1, which is glTF's white.")
    extensions = document.tree.get("extensions")
    lights = isinstance(extensions, dict) and "KHR_lights_punctual" in extensions
    unused = [name for name in ("animations", "cameras") if document.items(name)] + ["lights"] * lights
    if unused:
        notes.append(f"Not used: {', '.join(unused)}.")
    document.notes = list(dict.fromkeys(notes))


def _joined(path: Path, parts: list[Part], pictures: TextureSet, color: Color | None, notes: list[str]) -> Mesh:
    parts = [part for part in parts if len(part.faces)]
    offsets = np.cumsum([0] + [len(part.vertices) for part in parts[:-1]])
    vertices = np.concatenate([part.vertices for part in parts])
    faces = np.concatenate([part.faces + offset for part, offset in zip(parts, offsets, strict=True)])
    colors = None
    if any(part.colors is not None for part in parts):
        grey = [np.full_like(part.vertices, UNCOLORED) if part.colors is None else part.colors for part in parts]
        colors = np.concatenate(grey)
    textures = None
    if any(part.image >= 0 for part in parts):
        uv = np.concatenate([part.uv for part in parts]).astype(np.float32)
        tint = None
        if any(part.tint is not None for part in parts):
            tints = [np.ones_like(part.vertices) if part.tint is None else part.tint for part in parts]
            tint = torch.from_numpy(np.concatenate(tints).astype(np.float32))
        face_image = np.concatenate([np.full(len(part.faces), part.image, dtype=np.int32) for part in parts])
        textures = Textures(torch.from_numpy(uv), tuple(pictures.images), torch.from_numpy(face_image), tint)
    return build_mesh(path, vertices, faces, colors, color, textures=textures, notes=notes)
