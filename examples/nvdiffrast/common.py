"""Shapes, rotations and a camera that the programs share. Column vectors; the camera looks along -z."""

from __future__ import annotations

import torch
from torch import Tensor

NEAR, FAR, FOCAL = 0.5, 20.0, 2.5


def cube() -> tuple[Tensor, Tensor]:
    """Corners at ±0.5, [8, 3], and triangles, int32 [12, 3]; each two in a row are one side."""
    corner = torch.arange(8, device="cuda")
    vertices = torch.stack((corner // 4, corner // 2 % 2, corner % 2), dim=1) - 0.5
    sides = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    faces = [half for a, b, c, d in sides for half in ((a, b, c), (a, c, d))]
    return vertices, torch.tensor(faces, dtype=torch.int32, device="cuda")


def sphere(rows: int, columns: int) -> tuple[Tensor, Tensor, Tensor]:
    """A unit sphere by latitude and longitude: vertices [V, 3], texture coordinates [V, 2], triangles int32 [F, 3]."""
    v, u = torch.meshgrid(
        torch.linspace(0, 1, rows + 1, device="cuda"), torch.linspace(0, 1, columns + 1, device="cuda"), indexing="ij"
    )
    latitude, longitude = torch.pi * (0.5 - v), 2 * torch.pi * u
    x, y = latitude.cos() * longitude.sin(), latitude.sin()
    vertices = torch.stack((x, y, latitude.cos() * longitude.cos()), dim=-1).reshape(-1, 3)
    corner = (
        torch.arange(rows, device="cuda")[:, None] * (columns + 1) + torch.arange(columns, device="cuda")
    ).flatten()
    below = corner + columns + 1
    faces = torch.stack((corner, below, corner + 1, corner + 1, below, below + 1), dim=1).reshape(-1, 3)
    return vertices, torch.stack((u, v), dim=-1).reshape(-1, 2), faces.int()


def random_quaternions(count: int) -> Tensor:
    """Rotations of equal probability, as unit quaternions (w, x, y, z): [count, 4]."""
    return torch.nn.functional.normalize(torch.randn(count, 4, device="cuda"), dim=1)


def rotation_matrices(quaternions: Tensor) -> Tensor:
    """[B, 4] of any length to [B, 3, 3]."""
    w, x, y, z = torch.nn.functional.normalize(quaternions, dim=1).unbind(1)
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)


def to_clip(vertices: Tensor, rotation: Tensor, distance: float | Tensor) -> Tensor:
    """Vertices [V, 3], turned by [B, 3, 3] and seen from (0, 0, distance): clip space, [B, V, 4]."""
    x, y, z = (vertices @ rotation.transpose(1, 2)).unbind(-1)
    w = distance - z
    return torch.stack((FOCAL * x, FOCAL * y, ((FAR + NEAR) * w - 2 * FAR * NEAR) / (FAR - NEAR), w), dim=-1)


def report(program: str, first: float, last: float, unit: str, converged: bool) -> int:
    """Print the error before and after, and return the program's exit status."""
    print(f"{program}: error {first:.6g} -> {last:.6g} {unit}, {'converged' if converged else 'NOT converged'}")
    return 0 if converged else 1
