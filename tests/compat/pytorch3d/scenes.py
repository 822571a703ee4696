"""What the tests of the façade of PyTorch3D look at."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d import _notices
from tvdrnet_nv.compat.pytorch3d.renderer import (
    FoVPerspectiveCameras,
    MeshRasterizer,
    MeshRenderer,
    RasterizationSettings,
    TexturesVertex,
    look_at_view_transform,
)
from tvdrnet_nv.compat.pytorch3d.structures import Meshes
from tvdrnet_nv.compat.pytorch3d.utils import ico_sphere


def sphere(level: int = 1, dtype: torch.dtype = torch.float32) -> Meshes:
    """A unit sphere, coloured by position."""
    bare = ico_sphere(level)
    verts = bare.verts_packed().to(dtype)
    return Meshes([verts], bare.faces_list(), TexturesVertex([(verts + 1) / 2]))


def square(side: float = 1.0, z: float = 0.0) -> Meshes:
    """Two triangles about the z axis, anticlockwise seen from +z; red."""
    verts = torch.tensor([[-1.0, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * side / 2
    verts[:, 2] = z
    faces = torch.tensor([[0, 1, 2], [0, 2, 3]])
    return Meshes([verts], [faces], TexturesVertex([torch.tensor([[1.0, 0.0, 0.0]]).expand(4, 3)]))


def from_z(distance: float = 3.0, **lens: Any) -> FoVPerspectiveCameras:
    """A camera on the z axis that looks at the origin: the world's +x is to the image's right."""
    R, T = look_at_view_transform(distance, 0.0, 0.0)
    return FoVPerspectiveCameras(R=R, T=T, **lens)


def renderer(cameras: Any, shader: Any, size: int | tuple[int, int] = 32, **settings: Any) -> MeshRenderer:
    """A rasterizer and a shader."""
    return MeshRenderer(MeshRasterizer(cameras, RasterizationSettings(image_size=size, **settings)), shader)


def soft(kind: Any, *args: Any, **kwargs: Any) -> Any:
    """A soft shader, of which it is known that it antialiases instead of blurring."""
    _notices._said.add(_notices.SOFT)
    return kind(*args, **kwargs)


def central_difference(function: Any, at: Tensor, step: float) -> Tensor:
    """The gradient of a number, one entry after the other."""
    flat = at.detach().clone().reshape(-1)
    out = torch.zeros_like(flat)
    for i in range(len(flat)):
        sides = []
        for sign in (1, -1):
            moved = flat.clone()
            moved[i] += sign * step
            with torch.no_grad():
                sides.append(function(moved.reshape(at.shape)))
        out[i] = (sides[0] - sides[1]) / (2 * step)
    return out.reshape(at.shape)
