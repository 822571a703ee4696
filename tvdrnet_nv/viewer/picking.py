"""What a click on the scene hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from tvdrnet_nv.camera import Camera
from tvdrnet_nv.grounding import Thing, Things
from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.renderer import Renderer

_FOV = 0.5  # degrees of a picture of one pixel; only its centre counts


@dataclass(frozen=True, eq=False)
class Hit:
    """The first point of the scene on a ray.

    Attributes:
        point: float64 [3], in the mesh's frame.
        face: the face's index.
    """

    point: np.ndarray
    face: int


def pick(
    renderer: Renderer, origin: Sequence[float] | np.ndarray, direction: Sequence[float] | np.ndarray
) -> Hit | None:
    """The first point of the scene on a ray, by a picture of one pixel; None where the ray hits nothing.

    Args:
        renderer: of the scene; what is nearer than its near plane is not hit.
        origin: [3], where the ray begins, in the mesh's frame.
        direction: [3], of any length but zero.
    """
    eye, way = np.asarray(origin, dtype=np.float64), np.asarray(direction, dtype=np.float64)
    length = np.linalg.norm(way)
    if not (np.isfinite(eye).all() and np.isfinite(length) and length > 0):
        return None
    way = way / length
    across = np.eye(3)[np.abs(way).argmin()]
    camera = Camera.from_look_at(eye, eye + way * (renderer.mesh.radius or 1.0), across, _FOV)
    with torch.no_grad():
        render = renderer.at_resolution(1)(camera.to(torch.float32).to(renderer.mesh.device))
        face, depth = int(render.face_ids), float(render.depth)
    return None if face < 0 else Hit(eye + way * depth, face)


class Owners:
    """Which thing each vertex belongs to."""

    def __init__(self, mesh: Mesh, things: Things) -> None:
        self._faces, self._items = mesh.faces, things.items
        self._of_vertex = np.full(mesh.num_vertices, -1, dtype=np.int64)
        for index, item in enumerate(things.items):
            self._of_vertex[item.vertices] = index

    def thing_at(self, face: int) -> Thing | None:
        """The thing to which most of a face's vertices belong; None where that is none."""
        owners = self._of_vertex[self._faces[face].long().cpu().numpy()]
        found, counts = np.unique(owners[owners >= 0], return_counts=True)
        return self._items[int(found[counts.argmax()])] if len(found) and counts.max() > 1 else None
