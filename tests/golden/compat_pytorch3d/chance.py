"""Random functions, by the moments of what they give."""

from __future__ import annotations

import torch
from pytorch3d.ops import sample_points_from_meshes
from pytorch3d.transforms import random_quaternions, random_rotation, random_rotations

from .scene import scene

MANY = 20_000


def chance(out: dict[str, torch.Tensor]) -> None:
    """Means, and means of products, of so many values."""
    torch.manual_seed(0)
    mesh, _, _ = scene()
    points, normals, colors = sample_points_from_meshes(mesh, MANY, return_normals=True, return_textures=True)
    for name, values in {"points": points, "normals": normals, "colors": colors}.items():
        out[f"random/{name}/mean"] = values.mean(1)
        out[f"random/{name}/products"] = values.transpose(1, 2) @ values / MANY
    rotations = random_rotations(MANY)
    out["random/rotations/mean"] = rotations.mean(0)
    out["random/rotations/squares"] = rotations.square().mean(0)
    out["random/rotations/trace"] = rotations.diagonal(dim1=1, dim2=2).sum(1).square().mean()[None]
    out["random/rotations/orthogonal"] = (rotations @ rotations.transpose(1, 2)).mean(0)
    out["random/rotation/determinant"] = torch.linalg.det(random_rotation())[None]
    quaternions = random_quaternions(MANY)
    out["random/quaternions/products"] = quaternions.T @ quaternions / MANY
    out["random/quaternions/fourth"] = quaternions.pow(4).mean(0)
    out["random/quaternions/length"] = quaternions.norm(dim=1).aminmax()[0][None]
