"""A thing to look at, and how the programs end."""

from __future__ import annotations

import torch
from pytorch3d.structures import Meshes
from pytorch3d.utils import ico_sphere


def boulder(level: int, device: torch.device) -> Meshes:
    """A sphere with a dent and a nose, so that no two views of it are alike; without textures."""
    verts, faces = ico_sphere(level, device).get_mesh_verts_faces(0)
    nose = torch.tensor([0.6, 0.2, 0.77], device=device)
    dent = torch.tensor([-0.7, 0.7, 0.1], device=device)
    radius = 1 + 0.8 * torch.exp(12 * (verts @ nose - 1)) - 0.5 * torch.exp(6 * (verts @ dent - 1))
    return Meshes(verts=[verts * radius[:, None] * verts.new_tensor([0.9, 0.7, 0.8])], faces=[faces])


def report(program: str, first: float, last: float, unit: str, converged: bool) -> int:
    """Print the error before and after, and return the program's exit status."""
    print(f"{program}: error {first:.6g} -> {last:.6g} {unit}, {'converged' if converged else 'NOT converged'}")
    return 0 if converged else 1
