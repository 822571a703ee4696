"""OBJ files (Wavefront), with their materials and pictures."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._build import UNCOLORED, Color, build_mesh, without_triangles
from tvdrnet_nv.io._obj_looks import Look, looks_of
from tvdrnet_nv.io._obj_text import BadLine, ObjText, parse_obj_text
from tvdrnet_nv.io._polygons import triangulate, without_corners
from tvdrnet_nv.io._split import at_corners, split_vertices
from tvdrnet_nv.io._textures import CLAMP, REPEAT, TextureSet
from tvdrnet_nv.io.wording import counted
from tvdrnet_nv.mesh import Mesh, Textures

_ZBRUSH = re.compile(rb"^#MRGB[ \t]+((?:[0-9a-fA-F]{8})+)[ \t\r]*$", re.MULTILINE)  # mask, red, green, blue of vertices
_FREE_FORM = ("curv", "curv2", "surf", "cstype")
_OF_FREE_FORM = (
    "vp",
    "deg",
    "bmat",
    "step",
    "parm",
    "trim",
    "hole",
    "scrv",
    "sp",
    "end",
    "con",
    "res",
    "stech",
    "ctech",
)
_NAMED = 6  # kinds of lines in a note
_LINES = {"l": "line", "p": "point"}


def load_obj(path: Path, color: Color | None = None) -> Mesh:
    """Read an OBJ file.

    The first vertices are the file's, in its order; where a vertex has several texture coordinates or material colours,
    copies of it follow, and `Mesh.file_vertices` says of which. Colours are the file's vertex colours
    (`x y z r g b`, in 0..1 or 0..255, or ZBrush's `#MRGB`), else the materials' `Kd`. A face whose material has a
    picture (`map_Kd`) shows it as it is, without `Kd`. Without any `usemtl`, a file's only material is that of all
    faces.

    Raises:
        InputError: as `tvdrnet_nv.io.load_mesh`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    try:
        text = parse_obj_text(data)
    except BadLine as error:
        raise InputError(f"{path}: {error}; export the mesh again") from None
    painted = _polypaint(data)
    del data
    if not len(text.points):
        raise InputError(f"{path}: the file has no vertices; is it an OBJ file?")
    notes = _notes_of_elements(text)
    _check_corners(path, text)
    positions = np.ascontiguousarray(text.points[:, :3])
    faces, polygon, corner = triangulate(positions, (text.counts, text.corners[:, 0]))
    if not len(faces):
        if len(text.counts):
            raise InputError(f"{path}: {without_corners(len(text.counts))}")
        raise without_triangles(path, notes)
    starts = np.cumsum(text.counts) - text.counts
    uv_index = text.corners[:, 1][starts[polygon][:, None] + corner]
    colors = _vertex_colors(text.points)
    if colors is None and painted is not None and len(painted) == len(positions):
        colors = painted
    if color is not None:
        return build_mesh(path, positions, faces, colors, color, notes=notes)

    of_face = text.face_materials[polygon]
    looks, more = looks_of(path, text, np.unique(of_face))
    notes += more
    textured = _textured(path, looks, of_face, uv_index, text, notes)
    group = _groups(looks, of_face, textured, colors is not None)
    rows = np.where(textured[:, None], uv_index, -1)
    # Vertices are shared within a group of faces, where they have one texture coordinate; rows are -1 without any.
    keys = group[:, None] * (int(rows.max(initial=-1)) + 2) + rows + 1
    faces, of_vertex = split_vertices(faces, keys, len(positions))
    uv_rows = at_corners(faces, rows[..., None] + 1, len(of_vertex))[:, 0] - 1
    shown = _paint(looks, of_face, faces, len(of_vertex)) if colors is None else colors[of_vertex]
    textures, shown = _show(looks, of_face, faces, textured, text.uvs, uv_rows, shown)
    split = None if len(of_vertex) == len(positions) else of_vertex
    return build_mesh(
        path, positions[of_vertex], faces, shown, None, textures=textures, file_vertices=split, notes=notes
    )


def _check_corners(path: Path, text: ObjText) -> None:
    index = text.corners[:, 0]
    if len(index) and index.max() >= len(text.points):
        of_face = np.repeat(np.arange(len(text.counts)), text.counts)
        face = int(of_face[int((index >= len(text.points)).argmax())])
        named = " ".join(str(i + 1) for i in index[of_face == face][:8])
        raise InputError(
            f"{path}: face {face} refers to vertices {named}, but the file has vertices 1..{len(text.points)}; "
            "export the mesh again"
        )


def _notes_of_elements(text: ObjText) -> list[str]:
    notes = []
    width = text.points.shape[1]
    if width == 4 and (np.isfinite(text.points[:, 3]) & (text.points[:, 3] != 1)).any():
        notes.append("The fourth number of its vertices, a weight, is not used.")
    if width == 5:
        notes.append("The fourth and fifth number of its vertices are not used: a colour has three.")
    if width >= 7:
        notes.append(
            "Of the numbers of its vertices the fourth to sixth are taken as colours, those after them are not."
        )
    kinds = [counted(text.others[key], name) for key, name in _LINES.items() if key in text.others]
    small = int((text.counts < 3).sum())
    if small:
        kinds.append(f"{counted(small, 'face')} of fewer than three corners")
    if kinds:
        notes.append(f"Not shown: {', '.join(kinds)}.")
    if any(key in text.others for key in _FREE_FORM):
        notes.append("Its free-form curves and surfaces are not shown; export them as polygons.")
    if "vn" in text.others:
        notes.append("Its normals are not used: they are computed from the faces.")
    rest = [
        (key, count) for key, count in text.others.items() if key not in ("vn", *_LINES, *_FREE_FORM, *_OF_FREE_FORM)
    ]
    if rest:
        named = [f"{_shown(key)} ({count:,})" for key, count in rest[:_NAMED]]
        more = f" and of {len(rest) - _NAMED} more kinds" if len(rest) > _NAMED else ""
        notes.append(f"Its lines that are not read: {', '.join(named)}{more}.")
    return notes


def _shown(keyword: str) -> str:
    """A word of a file as a message can have it."""
    return keyword[:20] if keyword.isprintable() else ascii(keyword[:20])


def _vertex_colors(points: np.ndarray) -> np.ndarray | None:
    """[V, 3] in [0, 1] of lines x y z r g b; NaN for a vertex without. None where no vertex has any."""
    if points.shape[1] < 6:
        return None
    colors = points[:, 3:6].copy()
    missing = ~np.isfinite(colors).all(axis=1)
    if missing.all():
        return None
    colors[missing] = np.nan
    known = colors[~missing]
    wide = int((known > 256).sum()) > int((known > 0).sum()) / 2  # as in `_ply_colors.scaled`
    colors /= 65535 if wide else 255 if known.max() > 2 else 1
    return np.clip(colors, 0, 1)


def _polypaint(data: bytes) -> np.ndarray | None:
    """[V, 3] in [0, 1] of ZBrush's comments `#MRGB`, which hold the colours of its vertices; None without."""
    if b"#MRGB" not in data:
        return None
    digits = b"".join(_ZBRUSH.findall(data))
    return np.frombuffer(bytes.fromhex(digits.decode("ascii")), np.uint8).reshape(-1, 4)[:, 1:] / 255


def _textured(
    path: Path, looks: dict[int, Look], of_face: np.ndarray, uv_index: np.ndarray, text: ObjText, notes: list[str]
) -> np.ndarray:
    """[F], whether a face shows a picture: its material has one, and its corners have texture coordinates."""
    rows = [row for row, look in looks.items() if look.picture is not None]
    pictured = np.isin(of_face, rows)
    given = pictured & (uv_index >= 0).all(axis=1)
    needed = uv_index[given]
    if len(needed) and needed.max() >= len(text.uvs):
        raise InputError(
            f"{path}: a face refers to texture coordinate {int(needed.max()) + 1}, but the file has {len(text.uvs)}; "
            "export the mesh again"
        )
    textured = given.copy()
    textured[given] = np.isfinite(text.uvs[needed]).all(axis=(1, 2))
    infinite = int((given & ~textured).sum())
    if infinite:
        notes.append(f"Faces whose texture coordinates are NaN or infinite, which show the colour: {infinite:,}.")
    bare = int((pictured & ~given).sum())
    if bare:
        notes.append(
            f"Faces without texture coordinates, of materials with a picture, which show the colour: {bare:,}."
        )
    return textured


def _groups(looks: dict[int, Look], of_face: np.ndarray, textured: np.ndarray, colored: bool) -> np.ndarray:
    """[F], equal for faces that may share vertices: those of one picture, and those of one colour."""
    shades: dict[bytes, int] = {}
    group = np.zeros(len(of_face), dtype=np.int64)
    for row, look in looks.items():
        key = b"" if colored or look.color is None else look.color.tobytes()
        mine = of_face == row
        group[mine] = shades.setdefault(key, len(shades))
        group[mine & textured] = len(looks) + 1 + row
    return group


def _paint(looks: dict[int, Look], of_face: np.ndarray, faces: np.ndarray, count: int) -> np.ndarray | None:
    """[V, 3] of the materials' colours, grey where there is none; None where no material has a look."""
    if all(look.color is None and look.picture is None for look in looks.values()):
        return None
    colors = np.full((count, 3), UNCOLORED)
    for row, look in looks.items():
        if look.color is not None:
            colors[faces[of_face == row].reshape(-1)] = look.color
    return colors


def _show(
    looks: dict[int, Look],
    of_face: np.ndarray,
    faces: np.ndarray,
    textured: np.ndarray,
    uvs: np.ndarray,
    uv_rows: np.ndarray,
    colors: np.ndarray | None,
) -> tuple[Textures | None, np.ndarray | None]:
    """The pictures, and the vertex colours with the pictures' ones at the vertices that show them."""
    if not textured.any():
        return None, colors
    pictures = TextureSet()
    uv = np.zeros((len(uv_rows), 2))
    face_image = np.full(len(faces), -1, dtype=np.int32)
    colors = np.ones((len(uv_rows), 3)) if colors is None else colors.copy()
    for row, look in looks.items():
        mine = textured & (of_face == row)
        if look.picture is None or look.map is None or not mine.any():
            continue
        vertices = np.unique(faces[mine])
        wrap = CLAMP if look.map.clamp else REPEAT
        placed = uvs[uv_rows[vertices]] * look.map.scale + look.map.offset
        index, placed, _ = pictures.add(look.picture, placed, (wrap, wrap))
        uv[vertices] = placed
        colors[vertices] = pictures.sample(index, placed)
        face_image[mine] = index
    images = tuple(pictures.images)
    return Textures(torch.from_numpy(uv.astype(np.float32)), images, torch.from_numpy(face_image)), colors
