"""The axis-aligned coordinates that some data sets give for a scene."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from tvdrnet_nv.io.cameras import NamedCamera
from tvdrnet_nv.mesh import Mesh


def aligned_mesh(mesh: Mesh, alignment: np.ndarray) -> Mesh:
    """The mesh in aligned coordinates, computed in float64.

    Its origin stays zero where it is zero; otherwise it is the aligned one.

    Args:
        mesh: in its file's coordinates.
        alignment: float64 [4, 4], rigid, column vectors: from the file's coordinates to aligned ones.
    """
    R, t = alignment[:3, :3], alignment[:3, 3]
    origin = np.array(mesh.origin)
    if origin.any():
        origin, t = R @ origin + t, np.zeros(3)
    turned = mesh.vertices.detach().double() @ torch.from_numpy(R.T.copy()).to(mesh.device)
    moved = turned + torch.from_numpy(t).to(mesh.device)
    x, y, z = origin.tolist()
    return replace(mesh, vertices=moved.float(), origin=(x, y, z))


def aligned_camera(camera: NamedCamera, alignment: np.ndarray) -> NamedCamera:
    """A camera of the file's coordinates in aligned ones; see `aligned_mesh`."""
    return replace(camera, camera_to_world=alignment @ camera.camera_to_world)
