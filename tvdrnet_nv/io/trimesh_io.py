"""OBJ and GLB/glTF files, through trimesh."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io._build import Color, build_mesh
from tvdrnet_nv.mesh import Mesh


def load_with_trimesh(path: Path, color: Color | None = None) -> Mesh:
    """Read an OBJ, GLB or glTF file, its scene graph flattened into one mesh in the scene's frame.

    Colours, for each part of the scene: vertex colours, else the texture's at each vertex, else the material's base
    colour, else white.

    Raises:
        InputError: as `tvdrnet_nv.io.load_mesh`.
    """
    import trimesh  # here, because it takes a second that the other formats need not pay

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
    offsets = np.cumsum([0] + [len(vertices) for vertices, _, _ in parts[:-1]])
    vertices = np.concatenate([vertices for vertices, _, _ in parts])
    for (part_vertices, part_faces, _), offset in zip(parts, offsets, strict=True):
        # Before they are joined: an index past its own part would hit the next one's vertices.
        if len(part_faces) and (part_faces.min() < 0 or part_faces.max() >= len(part_vertices)):
            bad = np.flatnonzero(((part_faces < 0) | (part_faces >= len(part_vertices))).any(axis=1))
            raise InputError(
                f"{path}: face {bad[0]} refers to vertices {part_faces[bad[0]].tolist()}, but there are vertices "
                f"0..{len(part_vertices) - 1} ({len(bad)} such faces); export the mesh again"
            )
        part_faces += offset
    faces = np.concatenate([faces for _, faces, _ in parts])
    colors = np.concatenate([colors for _, _, colors in parts])
    return build_mesh(path, vertices, faces, colors, color)


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


def _part(scene: Any, node: str) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Vertices [V, 3] in the scene's frame, faces [F, 3] and colours [V, 3] in 0..1 of a node; None without faces."""
    transform, name = scene.graph[node]
    geometry = scene.geometry[name]
    faces = getattr(geometry, "faces", None)
    if faces is None or len(faces) == 0:
        return None
    vertices = np.asarray(geometry.vertices, dtype=np.float64)
    vertices = vertices @ transform[:3, :3].T + transform[:3, 3]
    return vertices, np.array(faces, dtype=np.int64), _part_colors(geometry.visual, len(vertices))


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
        return np.ones((count, 3), dtype=np.float32)
    rgb = np.asarray(rgba, dtype=np.float32).reshape(-1, np.shape(rgba)[-1])[:, :3] / 255
    return np.broadcast_to(rgb, (count, 3))
