"""How the faces of an OBJ file look: their materials' colours and pictures."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tvdrnet_nv.io._find_file import find_file
from tvdrnet_nv.io._mtl import Map, Material, read_materials
from tvdrnet_nv.io._obj_text import ObjText
from tvdrnet_nv.io._textures import Picture, UnreadablePicture, open_picture


@dataclass(frozen=True, eq=False)
class Look:
    """A material as it is shown.

    Attributes:
        color: [3], sRGB; None where the file says none.
        picture: what its faces with texture coordinates show; None for the colour.
        map: where the picture lies; None without.
    """

    color: np.ndarray | None = None
    picture: Picture | None = None
    map: Map | None = None


def looks_of(path: Path, text: ObjText, used: np.ndarray) -> tuple[dict[int, Look], list[str]]:
    """The looks of the materials `used`, rows of `text.materials` or -1, and notes of what is not shown."""
    materials, notes = _materials(path, text, [text.materials[row] for row in used.tolist() if row >= 0])
    by_row: dict[int, Material] = {}
    for row in used.tolist():
        name = text.materials[row] if row >= 0 else None
        if name in materials:
            by_row[row] = materials[name]
        elif name is None and not text.materials and len(materials) == 1:
            by_row[row] = next(iter(materials.values()))
    if len(text.uvs) and not any(material.picture for material in by_row.values()):
        notes.append("Its texture coordinates are not used: no material has a picture.")
    pictures = _pictures(path, list(by_row.values()), notes)
    looks = {row: _look(by_row.get(row), pictures) for row in used.tolist()}
    _note_what_is_not_followed(by_row, looks, notes)
    return looks, notes


def _materials(path: Path, text: ObjText, wanted: list[str]) -> tuple[dict[str, Material], list[str]]:
    """The materials by name, those `wanted` by the file's own writing of it, and notes of what is missing.

    Where a material file is missing or not named, one with the name of the OBJ file counts, if it has what is wanted.
    A name that no material has means the one that differs in upper and lower case.
    """
    materials, missing = read_materials(path.parent, text.libraries)
    where = f"material file{'s' * (len(missing) > 1)} {', '.join(missing)} {_was(missing)} not found beside the file"
    notes = [f"Its {where}."] if missing else []
    unknown = [name for name in wanted if name not in materials]
    if unknown and (missing or not text.libraries):
        beside = path.with_suffix(".mtl").name
        others = read_materials(path.parent, [beside])[0]
        if any(name in others for name in unknown):
            materials = {**others, **materials}
            notes = [f"Its {where}; {beside} is read." if missing else f"It names no material file; {beside} is read."]
    lower = {name.lower(): material for name, material in materials.items()}
    materials |= {name: lower[name.lower()] for name in unknown if name not in materials and name.lower() in lower}
    unknown = [name for name in unknown if name not in materials]
    if unknown and not notes:
        why = "in no material file" if text.libraries else "not known: the file names no material file"
        notes.append(f"Its {_some('material', unknown)} {_is(unknown)} {why}.")
    return materials, notes


def _pictures(path: Path, materials: list[Material], notes: list[str]) -> dict[tuple[Path, str], Picture]:
    """By the material's folder and the name in it; each file is decoded once."""
    opened: dict[Path, Picture | None] = {}
    pictures = {}
    absent: dict[str, None] = {}
    for material in materials:
        if material.picture is None:
            continue
        name = material.picture.name
        found = find_file(material.folder, name) or find_file(path.parent, name)
        if found is None:
            absent[name] = None
            continue
        if found not in opened:
            try:
                opened[found] = open_picture(found, True, path)
            except UnreadablePicture as error:
                opened[found] = None
                notes.append(f"Its picture {name} cannot be read ({error}).")
        picture = opened[found]
        if picture is not None:
            pictures[material.folder, name] = picture
    if absent:
        notes.append(f"Its {_some('picture', list(absent))} {_was(absent)} not found beside the file.")
    return pictures


def _look(material: Material | None, pictures: dict[tuple[Path, str], Picture]) -> Look:
    if material is None:
        return Look()
    color = None if material.color is None else np.clip(material.color, 0, 1)
    picture = None if material.picture is None else pictures.get((material.folder, material.picture.name))
    if material.picture is not None and picture is None and color is not None and (color == color[0]).all():
        color = None  # a white or grey that was to be under the picture: not the surface's colour
    return Look(color, picture, material.picture if picture is not None else None)


def _note_what_is_not_followed(by_row: dict[int, Material], looks: dict[int, Look], notes: list[str]) -> None:
    seen = list({id(material): material for material in by_row.values()}.values())
    pictured = [material for row, material in by_row.items() if looks[row].picture is not None]
    clear = [material.name for material in seen if material.opacity < 1]
    if clear:
        notes.append(f"Its {_some('material', clear)} {_is(clear)} transparent, and drawn opaque.")
    if any(look.picture is not None and look.picture.alpha is not None for look in looks.values()):
        notes.append("Its pictures' transparency is not shown.")
    tinted = [m.name for m in pictured if m.color and max(m.color) - min(m.color) > 0.05]
    if tinted:
        notes.append(f"Its pictures are not multiplied with the colours of {_some('material', tinted)}.")
    options = sorted({option for m in pictured if m.picture is not None for option in m.picture.unread})
    if options:
        names = f"option{'s' * (len(options) > 1)} {', '.join(options)}"
        notes.append(f"Its {names} of map_Kd {_is(options)} not followed.")
    maps = sorted(set().union(*(material.unread for material in seen)))
    if maps:
        notes.append(f"Its materials' {', '.join(maps)} {_is(maps)} not shown.")


def _is(names: Sized) -> str:
    return "are" if len(names) > 1 else "is"


def _was(names: Sized) -> str:
    return "were" if len(names) > 1 else "was"


def _some(what: str, names: list[str]) -> str:
    """ "materials a, b, c and 4 more"."""
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{what}{'s' * (len(names) > 1)} {shown}"
