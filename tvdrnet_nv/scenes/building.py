"""A building of furnished rooms, made by code: a large scan that a camera stands inside of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from tvdrnet_nv.mesh import Mesh
from tvdrnet_nv.scenes.furnished_room import room
from tvdrnet_nv.scenes.mesh_arrays import mesh_of_arrays
from tvdrnet_nv.scenes.patches import Array
from tvdrnet_nv.scenes.shell import HEIGHT

_LAYOUTS = 4  # rooms that differ; the others repeat them, turned
_PITCH = (6.6, 5.6, HEIGHT)  # metres from one room to the next; the floor above closes a room

_EYES = 1.6  # metres above a floor


@dataclass(frozen=True)
class Building:
    """A building, and where one can stand in it.

    Attributes:
        mesh: its surface, z-up, metres; its floors begin at z = 0, and it has no roof.
        centers: [N, 3] float32, the middles of its rooms, at eye level.
    """

    mesh: Mesh
    centers: torch.Tensor


def make_building(
    triangles: int = 1_000_000, seed: int = 0, *, floors: int = 4, rooms: tuple[int, int] = (4, 3)
) -> Building:
    """Rooms of `make_room` beside and above one another.

    Args:
        triangles: how many faces, 5,000 or more for each room; met exactly.
        seed: of the rooms.
        floors: how many storeys.
        rooms: how many rooms on each, along x and y.

    Raises:
        ValueError: fewer triangles than the rooms need, or no room.
    """
    across, along = rooms
    count = floors * across * along
    if min(floors, across, along) < 1:
        raise ValueError(f"floors={floors}, rooms={rooms}: a building needs at least one room")
    each, left = divmod(triangles, count)
    if each < 5000:
        raise ValueError(f"triangles={triangles}: {count} rooms need at least {5000 * count}")
    layouts = [_arrays(room(each, seed + k)) for k in range(min(_LAYOUTS, count))]
    parts, centers, first = [], [], 0
    for i in range(count):
        vertices, faces, colors = layouts[i % _LAYOUTS] if i + 1 < count else _arrays(room(each + left, seed))
        sign = np.array([1, 1, 1] if i // _LAYOUTS % 2 == 0 else [-1, -1, 1], dtype=np.float32)
        at = np.array(_PITCH, dtype=np.float32) * (i % across, i // across % along, i // (across * along))
        parts.append((sign * vertices + at.astype(np.float32), faces + first, colors))
        centers.append(at + np.array([0, 0, _EYES]))
        first += len(vertices)
    vertices, faces, colors = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Building(mesh_of_arrays(vertices, faces, colors), torch.from_numpy(np.array(centers, dtype=np.float32)))


def _arrays(mesh: Mesh) -> tuple[Array, np.ndarray, Array]:
    """Vertices about the middle of the room's floor, faces and colours."""
    vertices = mesh.vertices.numpy()
    low, high = vertices.min(0), vertices.max(0)
    middle = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]], dtype=np.float32)
    return vertices - middle, mesh.faces.numpy(), mesh.colors.numpy()
