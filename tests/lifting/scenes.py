"""Small scenes, cameras and exact masks for the tests of lifting."""

from __future__ import annotations

import torch
from torch import Tensor

from tvdrnet_nv import Camera, Mesh
from tvdrnet_nv.lifting import Visibility

SIZE = (96, 128)


def patch(corner: tuple[float, float, float], u: Tensor, v: Tensor, cells: int) -> tuple[Tensor, Tensor]:
    """A parallelogram's vertices and faces; its normals are u × v."""
    steps = torch.linspace(0, 1, cells + 1)
    vertices = torch.tensor(corner) + steps[:, None, None] * v + steps[None, :, None] * u
    low = torch.arange(cells)[:, None] * (cells + 1) + torch.arange(cells)
    quads = torch.stack([low, low + 1, low + cells + 2, low, low + cells + 2, low + cells + 1], -1)
    return vertices.reshape(-1, 3), quads.reshape(-1, 3)


def join(parts: list[tuple[Tensor, Tensor]]) -> tuple[Mesh, Tensor]:
    """A mesh of patches whose vertices at the same place are one, and the last patch of each vertex, int64 [V]."""
    vertices, faces, owner, offset = [], [], [], 0
    for i, (points, corners) in enumerate(parts):
        vertices.append(points)
        faces.append(corners + offset)
        owner.append(torch.full((len(points),), i))
        offset += len(points)
    points, place = (torch.cat(vertices) * 1e4).round().unique(dim=0, return_inverse=True)
    of_vertex = torch.zeros(len(points), dtype=torch.long).index_copy_(0, place, torch.cat(owner))
    mesh = Mesh(points.float() / 1e4, place[torch.cat(faces)].int(), torch.full((len(points), 3), 0.5))
    return mesh, of_vertex


def axis(*values: float) -> Tensor:
    return torch.tensor(values)


def square(size: float = 2.0, cells: int = 8) -> Mesh:
    """A square in the plane z = 0 about the origin, which faces +z."""
    return join([patch((-size / 2, -size / 2, 0), axis(size, 0, 0), axis(0, size, 0), cells)])[0]


def box_on_floor() -> tuple[Mesh, Tensor]:
    """A box of side 1 that stands on a floor of side 4, z up; and bool [V], the box's vertices."""
    x, y, z = axis(1, 0, 0), axis(0, 1, 0), axis(0, 0, 1)
    sides = [
        patch((-0.5, -0.5, 0.01), x, z, 10),
        patch((0.5, 0.5, 0.01), -x, z, 10),
        patch((-0.5, 0.5, 0.01), -y, z, 10),
        patch((0.5, -0.5, 0.01), y, z, 10),
        patch((-0.5, -0.5, 1.01), x, y, 10),
    ]
    mesh, of_vertex = join([patch((-2, -2, 0), 4 * x, 4 * y, 40), *sides])
    return mesh, of_vertex > 0


def around(count: int, height: float = 2.5, distance: float = 3.5) -> Camera:
    """Cameras that stand around the z axis and look at (0, 0, 0.4)."""
    turn = torch.arange(count) * (2 * torch.pi / count) + 0.3
    eye = torch.stack([distance * turn.cos(), distance * turn.sin(), torch.full((count,), height)], 1)
    return Camera.from_look_at(eye, at=(0.0, 0.0, 0.4), up=(0.0, 0.0, 1.0), fov=60.0)


def seen_masks(mesh: Mesh, cameras: Camera, of_vertex: Tensor, size: tuple[int, int] = SIZE) -> list[Tensor]:
    """For each camera [h, w], what each pixel's vertex has; 0 at the background."""
    visibility, found = Visibility(mesh), []
    for k in range(len(cameras)):
        pixels = visibility(cameras[k], size)
        image = of_vertex.new_zeros(size[0] * size[1])
        image[pixels.pixel] = of_vertex[pixels.vertex]
        found.append(image.view(size))
    return found


def iou(a: Tensor, b: Tensor) -> float:
    return float((a & b).sum() / (a | b).sum())
