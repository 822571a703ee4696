"""OBJ and GLB/glTF files, through trimesh."""

from __future__ import annotations

import dataclasses
import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._build import UNCOLORED, Color, build_mesh, check_face_indices
from tvdrnet_nv.mesh import Mesh, Textures

MAX_TEXTURE = 8192  # texels a side


def load_with_trimesh(path: Path, color: Color | None = None) -> Mesh:
    """Read an OBJ, GLB or glTF file, its scene graph flattened into one mesh in the scene's frame.

    Colours, for each part of the scene: vertex colours, else the material's base colour, else grey. A part with a
    texture image shows it, and its vertex colours are the image's at the vertices.

    Raises:
        InputError: as `tvdrnet_nv.io.load_mesh`, or trimesh is not installed.
    """
    try:
        import trimesh  # here, because it takes a second that the other formats need not pay
    except ModuleNotFoundError as error:
        raise InputError(
            f"{path}: this format needs trimesh; install it with `pip install 'tvdrnet_nv[formats]'`"
        ) from error

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # numpy's, about numbers that cannot be parsed: the checks below find them
            scene = trimesh.load_scene(str(path), process=False, maintain_order=True)
            parts = [_part(scene, node) for node in scene.graph.nodes_geometry]
    # trimesh raises whatever its parsers run into (KeyError, struct.error, JSONDecodeError …): all mean a broken file.
    except Exception as error:
        bad_face = _bad_obj_face(path) if path.suffix.lower() == ".obj" else None
        if bad_face is not None:
            raise InputError(f"{path}: {bad_face}; export the mesh again") from error
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path}: cannot be parsed ({reason}); export or download it again") from error

    parts = [part for part in parts if part is not None]
    if not parts:
        raise InputError(f"{path}: holds no triangles (an empty scene or a point cloud?); export it as a mesh")
    offsets = np.cumsum([0] + [len(part.vertices) for part in parts[:-1]])
    for part, offset in zip(parts, offsets, strict=True):
        # Before they are joined: an index past its own part would hit the next one's vertices.
        check_face_indices(path, part.faces, len(part.vertices))
        part.faces += offset
    vertices = np.concatenate([part.vertices for part in parts])
    faces = np.concatenate([part.faces for part in parts])
    colors = np.concatenate([part.colors for part in parts])
    mesh = build_mesh(path, vertices, faces, colors, color)
    textures = _join_textures(path, parts) if color is None else None
    return mesh if textures is None else dataclasses.replace(mesh, textures=textures)


@dataclass
class _Part:
    """One node of the scene graph, in the scene's frame."""

    vertices: np.ndarray  # [V, 3]
    faces: np.ndarray  # [F, 3]
    colors: np.ndarray  # [V, 3] in 0..1
    uv: np.ndarray | None  # [V, 2], v upwards; None without a texture
    image: Any  # the texture as a PIL image; None without
    factor: np.ndarray  # [3], what the image is multiplied with


def _join_textures(path: Path, parts: list[_Part]) -> Textures | None:
    """The parts' textures, each picture kept once; None where no part has one."""
    images: list[torch.Tensor] = []
    known: dict[tuple[int, bytes], int] = {}
    uvs, face_image = [], []
    for part in parts:
        index = -1
        if part.image is not None and part.uv is not None:
            key = (id(part.image), part.factor.tobytes())
            if key not in known:
                known[key] = len(images)
                images.append(_texels(part.image, part.factor))
            index = known[key]
        uv = np.zeros((len(part.vertices), 2)) if part.uv is None else part.uv
        if not np.isfinite(uv).all():
            raise InputError(f"{path}: texture coordinates contain NaN or infinity; export the mesh again")
        uvs.append(uv)
        face_image.append(np.full(len(part.faces), index, dtype=np.int32))
    if not images:
        return None
    uv = torch.from_numpy(np.concatenate(uvs).astype(np.float32))
    return Textures(uv, tuple(images), torch.from_numpy(np.concatenate(face_image)))


def _texels(image: Any, factor: np.ndarray) -> torch.Tensor:
    """[H, W, 3] float32, row 0 at v = 0, the bottom; sides resampled to powers of two, as mip levels need."""
    width, height = (min(2 ** round(math.log2(side)), MAX_TEXTURE) for side in image.size)
    rgb = image.convert("RGB")
    if rgb.size != (width, height):
        rgb = rgb.resize((width, height))
    texels = np.asarray(rgb, dtype=np.float32)[::-1] / 255 * factor.astype(np.float32)
    return torch.from_numpy(np.ascontiguousarray(texels))


def _bad_obj_face(path: Path) -> str | None:
    """Says which face of an OBJ that trimesh choked on is the first to name a vertex that the file does not have."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    count = sum(line.startswith("v ") for line in lines)
    faces = [line.split()[1:] for line in lines if line.startswith("f ")]
    for number, corners in enumerate(faces):
        indices = [corner.split("/")[0] for corner in corners]
        if any(index.isdecimal() and int(index) > count for index in indices):
            return f"face {number} refers to vertices {' '.join(indices)}, but the file has vertices 1..{count}"
    return None


def _part(scene: Any, node: str) -> _Part | None:
    """A node of the scene graph; None without faces."""
    transform, name = scene.graph[node]
    geometry = scene.geometry[name]
    faces = getattr(geometry, "faces", None)
    if faces is None or len(faces) == 0:
        return None
    vertices = np.asarray(geometry.vertices, dtype=np.float64)
    vertices = vertices @ transform[:3, :3].T + transform[:3, 3]
    colors = _part_colors(geometry.visual, len(vertices))
    uv, image, factor = _part_texture(geometry.visual)
    return _Part(vertices, np.array(faces, dtype=np.int64), colors, uv, image, factor)


def _part_texture(visual: Any) -> tuple[np.ndarray | None, Any, np.ndarray]:
    """uv, the picture and its factor, or None, None and ones."""
    if visual.kind != "texture" or visual.uv is None:
        return None, None, np.ones(3)
    material = visual.material
    image = getattr(material, "image", None) or getattr(material, "baseColorTexture", None)
    if image is None:
        return None, None, np.ones(3)
    factor = getattr(material, "baseColorFactor", None)  # glTF: the texture is multiplied with it
    return np.asarray(visual.uv), image, np.ones(3) if factor is None else np.asarray(factor, dtype=float)[:3] / 255


def _part_colors(visual: Any, count: int) -> np.ndarray:
    rgba = None
    if visual.kind in ("vertex", "face"):
        rgba = visual.vertex_colors
    elif visual.kind == "texture":
        material = visual.material
        image = getattr(material, "image", None) or getattr(material, "baseColorTexture", None)
        if visual.uv is not None and image is not None:
            rgba = material.to_color(visual.uv)
        elif getattr(material, "baseColorFactor", None) is not None or hasattr(material, "diffuse"):
            rgba = material.main_color
    if rgba is None:
        return np.full((count, 3), UNCOLORED, dtype=np.float32)
    rgb = np.asarray(rgba, dtype=np.float32).reshape(-1, np.shape(rgba)[-1])[:, :3] / 255
    return np.broadcast_to(rgb, (count, 3))
