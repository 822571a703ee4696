"""Meshes and cameras."""

from __future__ import annotations

import math

import numpy as np
import torch
from pytorch3d.renderer import (
    FoVOrthographicCameras,
    FoVPerspectiveCameras,
    OrthographicCameras,
    PerspectiveCameras,
    TexturesVertex,
    look_at_view_transform,
)
from pytorch3d.structures import Meshes

SIZE = (16, 20)  # height and width of the images


def numbers(*shape: int, seed: int) -> torch.Tensor:
    """Uniform in [0, 1), the same for every version of torch."""
    return torch.from_numpy(np.random.RandomState(seed).rand(*shape).astype(np.float32))


def bumpy(rows: int, columns: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A closed surface about the origin, anticlockwise from outside, of radius 0.7 to 1.3."""
    radius = 0.7 + 0.6 * numbers(rows + 1, columns, seed=seed)
    latitude = torch.linspace(-1.5, 1.5, rows + 1)[:, None].expand(-1, columns)
    longitude = (torch.arange(columns) * (2 * math.pi / columns))[None].expand(rows + 1, -1)
    flat = latitude.cos() * radius
    verts = torch.stack([flat * longitude.sin(), latitude.sin() * radius, flat * longitude.cos()], -1).reshape(-1, 3)
    faces = []
    for i in range(rows):
        for j in range(columns):
            a, b = i * columns + j, i * columns + (j + 1) % columns
            faces += [[a, b, b + columns], [a, b + columns, a + columns]]
    return verts, torch.tensor(faces)


def scene(requires_grad: bool = False) -> tuple[Meshes, list[torch.Tensor], list[torch.Tensor]]:
    """Two meshes of different sizes with vertex colours."""
    first, second = bumpy(5, 8, seed=1), bumpy(3, 5, seed=2)
    verts = [v.clone().requires_grad_(requires_grad) for v in (first[0], second[0])]
    colors = [numbers(len(v), 3, seed=3 + i).requires_grad_(requires_grad) for i, v in enumerate(verts)]
    return Meshes(verts, [first[1], second[1]], TexturesVertex(colors)), verts, colors


def view() -> tuple[torch.Tensor, torch.Tensor]:
    """Two cameras."""
    return look_at_view_transform(torch.tensor([2.9, 3.3]), torch.tensor([20.0, -35.0]), torch.tensor([25.0, 160.0]))


def all_cameras() -> dict[str, tuple[object, dict[str, object]]]:
    """Cameras by name, and what they need for the screen."""
    R, T = view()
    K = torch.tensor([[[1.7, 0, 0.1, 0], [0, 1.5, -0.2, 0], [0, 0, 1.01, -0.5], [0, 0, 1, 0]]])
    pixels = {"in_ndc": False, "image_size": (SIZE,), "R": R, "T": T}
    centre = ((12.0, 9.0), (14.5, 10.5))
    size = {"image_size": (SIZE,)}
    return {
        "fov": (FoVPerspectiveCameras(R=R, T=T), size),
        "fov_batch": (FoVPerspectiveCameras(R=R, T=T, fov=(40.0, 75.0), znear=0.5, zfar=(20.0, 30.0)), size),
        "fov_aspect": (FoVPerspectiveCameras(R=R, T=T, fov=1.2, degrees=False, aspect_ratio=1.4), size),
        "fov_K": (FoVPerspectiveCameras(R=R, T=T, K=K.expand(2, -1, -1)), size),
        "focal": (PerspectiveCameras(R=R, T=T, focal_length=1.8, principal_point=((0.1, -0.2),)), size),
        "focal_xy": (PerspectiveCameras(R=R, T=T, focal_length=((1.8, 1.5), (2.0, 2.2))), size),
        "pixels": (PerspectiveCameras(focal_length=24.0, principal_point=centre, **pixels), {}),
        "pixels_xy": (PerspectiveCameras(focal_length=((24.0, 20.0),), principal_point=centre, **pixels), {}),
        "fov_ortho": (FoVOrthographicCameras(R=R, T=T, max_x=1.5, min_x=-1.2, max_y=1.4, min_y=-1.6, zfar=9.0), size),
        "fov_ortho_scale": (FoVOrthographicCameras(R=R, T=T, scale_xyz=((0.6, 0.7, 0.8),)), size),
        "ortho": (OrthographicCameras(R=R, T=T, focal_length=0.6, principal_point=((0.1, 0.05),)), size),
        "ortho_pixels": (OrthographicCameras(focal_length=7.0, principal_point=centre, **pixels), {}),
    }
