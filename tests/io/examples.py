"""A mesh of two triangles, and how it is written as PLY."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from plyfile import PlyData, PlyElement

from tvdrnet_nv.mesh import Mesh

VERTICES = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0.5]], dtype=np.float32)
TRIANGLES = [[0, 1, 2], [0, 2, 3]]
COLORS = np.array([[255, 0, 0], [0, 128, 0], [0, 0, 64], [10, 20, 30]], dtype=np.uint8)


def write_ply(
    path: Path,
    *,
    vertices: np.ndarray = VERTICES,
    faces: Sequence[Sequence[int]] | None = TRIANGLES,
    colors: np.ndarray | None = COLORS,
    list_name: str = "vertex_indices",
    axes: str = "xyz",
    text: bool = False,
    byte_order: str = "<",
    extra: bool = False,
) -> Path:
    """A PLY by plyfile; `extra` adds alpha, normals, face properties and an unknown element in front."""
    columns = [(axis, "f4") for axis in axes]
    if colors is not None:
        columns += [(name, colors.dtype.str[1:]) for name in ("red", "green", "blue")]
    if extra:
        columns += [("alpha", "u1"), ("nx", "f4")]
    vertex = np.zeros(len(vertices), dtype=columns)
    for i, axis in enumerate(axes):
        vertex[axis] = vertices[:, i]
    if colors is not None:
        for i, name in enumerate(("red", "green", "blue")):
            vertex[name] = colors[:, i]
    elements = [PlyElement.describe(vertex, "vertex")]
    if faces is not None:
        face = np.zeros(len(faces), dtype=[(list_name, "O"), *([("quality", "f4")] if extra else [])])
        face[list_name] = [np.array(polygon, dtype="i4") for polygon in faces] if faces else []
        elements.append(PlyElement.describe(face, "face"))
    if extra:
        elements.insert(0, PlyElement.describe(np.zeros(3, dtype=[("weight", "f8")]), "camera"))
    PlyData(elements, text=text, byte_order="=" if text else byte_order).write(str(path))
    return path


def assert_is_the_example(mesh: Mesh, colors: np.ndarray | None = COLORS / 255.0) -> None:
    expected = np.full((4, 3), 0.5) if colors is None else colors
    torch.testing.assert_close(mesh.vertices, torch.from_numpy(VERTICES))
    assert mesh.faces.tolist() == TRIANGLES
    torch.testing.assert_close(mesh.colors, torch.from_numpy(np.array(expected)).float())
