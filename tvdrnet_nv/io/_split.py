"""Vertices that are split where their faces disagree: at seams of texture coordinates, between faces' colours."""

from __future__ import annotations

import numpy as np


def split_vertices(faces: np.ndarray, keys: np.ndarray, vertices: int) -> tuple[np.ndarray, np.ndarray]:
    """A vertex for every pair of a file's vertex and a key at a corner.

    The file's vertices keep their places, each with one of its keys; the others follow.

    Args:
        faces: [F, 3], indices of the file's vertices.
        keys: [F, 3], of the corners: corners of a vertex with equal keys stay one vertex.
        vertices: how many the file has.

    Returns:
        faces [F, 3] int64, indices of the new vertices, and [V'] int64: the file's vertex of each new one.
    """
    names, key = np.unique(keys.reshape(-1), return_inverse=True)
    pairs, pair = np.unique(faces.reshape(-1).astype(np.int64) * len(names) + key.reshape(-1), return_inverse=True)
    of_file = pairs // max(len(names), 1)
    first = np.ones(len(pairs), dtype=bool)
    first[1:] = of_file[1:] != of_file[:-1]
    place = np.where(first, of_file, vertices + np.cumsum(~first) - 1)
    return place[pair.reshape(-1)].reshape(faces.shape), np.concatenate([np.arange(vertices), of_file[~first]])


def split_face_colors(
    faces: np.ndarray, colors: np.ndarray, polygon: np.ndarray, vertices: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices with colours of the faces: one that its faces give several is split.

    Args:
        faces: [F, 3], triangles, indices of the file's vertices.
        colors: [P, 3] float32, of the file's polygons.
        polygon: [F], of which polygon a triangle is; -1, as of a strip, has the first one's colour.
        vertices: how many the file has.

    Returns:
        faces [F, 3] int64 and the file's vertices [V'] int64 as of `split_vertices`, and colours [V', 3] float32.
    """
    known, of_polygon = np.unique(colors, axis=0, return_inverse=True)
    key = np.where(polygon >= 0, of_polygon.reshape(-1)[polygon], 0)
    faces, of_file = split_vertices(faces, np.repeat(key[:, None], 3, axis=1), vertices)
    at_vertex = np.zeros((len(of_file), 3), dtype=np.float32)
    at_vertex[faces] = known[key][:, None]
    return faces, of_file, at_vertex


def at_corners(faces: np.ndarray, values: np.ndarray, vertices: int) -> np.ndarray:
    """[V, C]: a value for each vertex from values [F, 3, C] at the corners; 0 where no face has the vertex."""
    found = np.zeros((vertices, values.shape[-1]), dtype=values.dtype)
    found[faces.reshape(-1)] = values.reshape(-1, values.shape[-1])
    return found
