"""Vertices that look different in different faces get a copy for each look."""

from __future__ import annotations

import numpy as np


def split_vertices(
    count: int, faces: np.ndarray, uv_rows: np.ndarray, group: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give each vertex one texture coordinate and one group of faces.

    Args:
        count: V.
        faces: [F, 3] int64, indices of vertices.
        uv_rows: [F, 3] int64, the corners' rows of texture coordinates; -1 for none.
        group: [F] int64 from 0; vertices are shared only within a group.

    Returns:
        of_vertex [V'] int64, which vertex each of the new ones is, where the first V are 0..V-1; their rows of texture
        coordinates [V'], -1 for none; and the faces [F, 3] of them.
    """
    looks = group[:, None] * (int(uv_rows.max(initial=-1)) + 2) + uv_rows + 1
    _, look = np.unique(looks.reshape(-1), return_inverse=True)
    width = int(look.max()) + 1
    keys, of_key = np.unique(faces.reshape(-1) * width + look, return_inverse=True)
    vertex = keys // width
    own = np.concatenate([[True], np.diff(vertex) > 0])
    new = np.where(own, vertex, count + np.cumsum(~own) - 1)
    of_vertex = np.concatenate([np.arange(count), vertex[~own]])
    rows = np.full(len(of_vertex), -1, dtype=np.int64)
    new_faces = new[of_key].reshape(faces.shape)
    rows[new_faces.reshape(-1)] = uv_rows.reshape(-1)
    return of_vertex, rows, new_faces
