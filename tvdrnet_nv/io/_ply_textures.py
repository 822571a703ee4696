"""The pictures on a PLY file's faces: `comment TextureFile`, with coordinates of vertices or of corners."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._build import UNCOLORED
from tvdrnet_nv.io._find_file import find_file
from tvdrnet_nv.io._ply_colors import by_lower_case
from tvdrnet_nv.io._ply_data import Element, PlyFile
from tvdrnet_nv.io._ply_faces import Triangles, index_name
from tvdrnet_nv.io._split import at_corners, split_vertices
from tvdrnet_nv.io._textures import Picture, TextureSet, UnreadablePicture, open_picture
from tvdrnet_nv.mesh import Textures

_UV_NAMES = (
    ("texture_u", "texture_v"),
    ("texture_s", "texture_t"),
    ("s", "t"),
    ("u", "v"),
    ("texcoord_u", "texcoord_v"),
    ("tx", "ty"),
)
_FILE = re.compile(r"texturefile\s*[: ]\s*(.*)", re.IGNORECASE)


@dataclass
class FaceUv:
    """Texture coordinates of triangles.

    Attributes:
        corners: [F, 3, 2] float64, v upwards; zeros where a triangle has none.
        image: [F] int32, which of the file's pictures a triangle shows, -1 for none.
        bare: how many triangles of a picture have no coordinates: lists of another length, or not finite.
    """

    corners: np.ndarray
    image: np.ndarray
    bare: int = 0


def texture_files(data: PlyFile) -> list[str]:
    """The names of the pictures, in the file's order."""
    return [found[1].strip().strip('"') for comment in data.comments if (found := _FILE.match(comment))]


def vertex_uv_names(vertex: Element) -> tuple[str, ...]:
    """The names of a vertex's texture coordinates; empty where it has none."""
    known = by_lower_case(p.name for p in vertex.properties if not vertex.is_list(p.name))
    for names in _UV_NAMES:
        if all(name in known for name in names):
            return tuple(known[name] for name in names)
    return ()


def face_uv_names(face: Element) -> tuple[str, ...]:
    """The names of a face's texture coordinates and, where it has one, of its picture's number."""
    if "texcoord" not in face or not face.is_list("texcoord"):
        return ()
    return ("texcoord", "texnumber") if "texnumber" in face and not face.is_list("texnumber") else ("texcoord",)


def read_uv(data: PlyFile, triangles: Triangles) -> FaceUv | None:
    """The texture coordinates of a file's triangles: the faces' own, where it has them, otherwise the vertices'."""
    face = data["face"] if data.count("face") else None
    if face is not None and face_uv_names(face):
        return _wedge_uv(face, triangles)
    names = vertex_uv_names(data["vertex"])
    if not names:
        return None
    uv = np.stack([data["vertex"][name] for name in names], axis=1).astype(np.float64)
    return _finite(FaceUv(uv[triangles.corners], np.zeros(len(triangles.corners), np.int32)))


def _wedge_uv(face: Element, triangles: Triangles) -> FaceUv:
    """Those of lists of two numbers a corner; a face whose list has another length has none, as faces of strips."""
    lists, names = face.lists("texcoord"), face_uv_names(face)
    index = index_name(face)
    assert index is not None  # or there were no triangles
    counts = face.lists(index).counts
    has = (lists.counts == 2 * counts) & (counts > 0)
    of_polygon = triangles.polygon >= 0
    polygon = np.where(of_polygon, triangles.polygon, 0)
    shown = of_polygon & has[polygon]
    within = triangles.places - (np.cumsum(counts) - counts)[polygon][:, None]
    places = lists.starts[polygon][:, None] + 2 * within
    corners = np.zeros((*triangles.corners.shape, 2))
    corners[shown, :, 0] = lists.values[places[shown]]
    corners[shown, :, 1] = lists.values[places[shown] + 1]
    number = face["texnumber"].astype(np.int64) if len(names) == 2 else np.zeros(face.count, dtype=np.int64)
    wanted = of_polygon & (number[polygon] >= 0)
    image = np.where(shown & wanted, number[polygon], -1).astype(np.int32)
    return _finite(FaceUv(corners, image, int((wanted & ~shown).sum())))


def _finite(uv: FaceUv) -> FaceUv:
    """A triangle with a coordinate that is no number shows no picture."""
    good = np.isfinite(uv.corners).all((1, 2)) & (np.abs(uv.corners) < 1e6).all((1, 2))
    uv.bare += int((~good & (uv.image >= 0)).sum())
    uv.corners[~good], uv.image[~good] = 0.0, -1
    return uv


def read_texture(scene: Path, name: str) -> tuple[Picture | None, str]:
    """A picture that a file names, or None, and why."""
    found = find_file(scene.parent, name)
    if found is None:
        return None, f"the texture {name} is not beside it"
    try:
        return open_picture(found, upwards=True, named_by=scene), ""
    except InputError:
        return None, f"the texture {name} needs pillow (`pip install 'tvdrnet_nv[formats]'`)"
    except UnreadablePicture as error:
        return None, f"the texture {name} cannot be read ({error})"


@dataclass
class Textured:
    """What a file with texture coordinates becomes.

    Attributes:
        notes: pictures that were not found, and coordinates without any.
        textures: None where there is no picture.
        faces: [F, 3] int64, indices of vertices that are split at seams.
        file_vertices: [V'] int64, the file's vertex of each.
        colors: [V', 3] float32: the pictures' at the vertices, and the file's or None of it elsewhere.
    """

    notes: list[str]
    textures: Textures | None
    faces: np.ndarray
    file_vertices: np.ndarray
    colors: np.ndarray


def read_textures(path: Path, data: PlyFile, triangles: Triangles, colors: np.ndarray | None) -> Textured | None:
    """The pictures on a file's faces, with vertices split where corners differ; None without texture coordinates.

    Args:
        path: of the file; its pictures lie beside it.
        data: the file.
        triangles: its triangles.
        colors: [V, 3], of its vertices, where it has some.
    """
    names, uv = texture_files(data), read_uv(data, triangles)
    vertices = data.count("vertex")
    faces = triangles.corners.astype(np.int64)
    nothing = Textured([], None, faces, np.arange(vertices), np.zeros((0, 3), dtype=np.float32))
    if uv is None:
        nothing.notes += [f"the texture {name} has no coordinates in the file" for name in names]
        return nothing
    if not names:
        nothing.notes.append("its texture coordinates are not used: the header names no picture (comment TextureFile)")
        return nothing
    notes, images, number = [], [], np.full(len(names), -1, dtype=np.int32)
    for i, name in enumerate(names):
        if not (uv.image == i).any():
            continue
        picture, why = read_texture(path, name)
        if picture is None:
            notes.append(why)
        else:
            number[i] = len(images)
            images.append(picture)
    named = (uv.image >= 0) & (uv.image < len(names))
    beyond = int((uv.image >= len(names)).sum())
    if beyond:
        notes.append(
            f"triangles of a texture whose number is beyond the {len(names)} that the header names: {beyond:,}"
        )
    if uv.bare:
        notes.append(
            "triangles whose texture coordinates are missing, not finite or beyond 1e6, which show the colour: "
            f"{uv.bare:,}"
        )
    image = np.where(named, number[np.where(named, uv.image, 0)], -1).astype(np.int32)
    if not images:
        nothing.notes += notes
        return nothing
    _, u = np.unique(uv.corners[..., 0], return_inverse=True)
    _, v = np.unique(uv.corners[..., 1], return_inverse=True)
    keys = u.reshape(faces.shape).astype(np.int64) * (v.max() + 1) + v.reshape(faces.shape)
    keys = keys * (len(images) + 1) + (image + 1)[:, None]  # a picture's seam as well: their colours differ
    faces, of_file = split_vertices(faces, keys, vertices)
    coordinates = at_corners(faces, uv.corners, len(of_file)).astype(np.float32)
    found = np.full((vertices, 3), UNCOLORED, np.float32) if colors is None else colors
    found = found[of_file]
    pictures = TextureSet()
    for i, picture in enumerate(images):
        shown = np.unique(faces[image == i])
        index, coordinates[shown], _ = pictures.add(picture, coordinates[shown])
        found[shown] = pictures.sample(index, coordinates[shown])
    textures = Textures(torch.from_numpy(coordinates), tuple(pictures.images), torch.from_numpy(image))
    return Textured(notes, textures, faces, of_file, found)
