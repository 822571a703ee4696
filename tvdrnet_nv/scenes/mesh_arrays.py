"""From arrays to a mesh."""

from __future__ import annotations

import numpy as np
import torch

from tvdrnet_nv.mesh import Mesh


def mesh_of_arrays(vertices: np.ndarray, faces: np.ndarray, colors: np.ndarray) -> Mesh:
    """A mesh from vertices and colours [V, 3] and faces [F, 3] of any dtype."""
    return Mesh(
        torch.from_numpy(np.ascontiguousarray(vertices, dtype=np.float32)),
        torch.from_numpy(np.ascontiguousarray(faces, dtype=np.int32)),
        torch.from_numpy(np.ascontiguousarray(colors, dtype=np.float32)),
    )
