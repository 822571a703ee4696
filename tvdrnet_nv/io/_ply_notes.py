"""What a PLY file holds and its mesh does not, in words."""

from __future__ import annotations

from collections.abc import Sequence

from tvdrnet_nv.io._ply_colors import alpha_name, color_names, is_opaque
from tvdrnet_nv.io._ply_data import Element, PlyFile
from tvdrnet_nv.io._ply_faces import Triangles, index_name, position_names
from tvdrnet_nv.io._ply_textures import face_uv_names, vertex_uv_names

_NORMALS = ("nx", "ny", "nz")
_LEFT_OF_FACES = "properties of its faces that are not read: "


def ply_notes(data: PlyFile, triangles: Triangles) -> list[str]:
    """A sentence for each kind of thing that is not read: properties, elements, faces without an area's corners."""
    notes = []
    vertex = data["vertex"]
    used = {*position_names(vertex), *color_names(vertex), *vertex_uv_names(vertex)}
    notes += _alpha(vertex, "its")
    left = [p.name for p in vertex.properties if p.name not in used and p.name != alpha_name(vertex)]
    if all(name in left for name in _NORMALS):
        left = [name for name in left if name not in _NORMALS]
        notes.append("its normals are not used: they are computed from the faces")
    if left:
        notes.append(f"properties of its vertices that are not read: {', '.join(left)}")
    if data.count("face"):
        notes += _of_faces(data["face"], with_colors=not color_names(vertex))
    others = [
        f"{name} ({data.count(name):,})"
        for name in data.names
        if name not in ("vertex", "face", "tristrips") and data.count(name)
    ]
    if others:
        notes.append(f"elements that are not read: {', '.join(others)}")
    if data.strange:
        lines = "; ".join(line[:60] for line in data.strange[:3])
        notes.append(f"lines of its header that are not understood ({len(data.strange)}): {lines}")
    if data.surplus:
        notes.append(f"not read, after what its header promises: {data.surplus}")
    if triangles.dropped:
        notes.append(f"faces with fewer than three corners, which are left out: {triangles.dropped:,}")
    return notes


def _of_faces(face: Element, *, with_colors: bool) -> list[str]:
    notes = []
    colors = color_names(face)
    if colors and not with_colors:
        notes.append("its faces' colours are not used: its vertices have some")
    notes += _alpha(face, "its faces'") if colors else []
    used = {index_name(face), *colors, *face_uv_names(face)}
    left = [p.name for p in face.properties if p.name not in used and not (colors and p.name == alpha_name(face))]
    if left:
        notes.append(_LEFT_OF_FACES + ", ".join(left))
    return notes


def without_property(notes: Sequence[str], name: str) -> tuple[str, ...]:
    """The notes where a property of the faces is read by others than the mesh's reader."""
    kept = []
    for note in notes:
        left = [word for word in note.removeprefix(_LEFT_OF_FACES).split(", ") if word != name]
        if not note.startswith(_LEFT_OF_FACES):
            kept.append(note)
        elif left:
            kept.append(_LEFT_OF_FACES + ", ".join(left))
    return tuple(kept)


def _alpha(element: Element, whose: str) -> list[str]:
    name = alpha_name(element)
    if name is None or is_opaque(element[name]):
        return []
    return [f"{whose} {name} is not used: every surface is opaque"]
