"""shade by interpolating and then shading each pixel, in torch, on any device and in any dtype."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize

from tvdrnet_nv.ops.interpolate import interpolate
from tvdrnet_nv.ops.phong import Phong

_EPS = 1e-6  # shorter vectors are not normalised: PyTorch3D's bound


def shade(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, phong: Phong) -> Tensor:
    """The shaded image; gradients flow into `attributes` too."""
    points, normals, colors = interpolate(attributes, rast, tri)[0].split(3, dim=-1)
    return over_background(phong_color(points, normals, colors, eye, phong), rast, phong)


def phong_color(
    points: Tensor, normals: Tensor, colors: Tensor, eye: Tensor, phong: Phong, *, head: bool = False
) -> Tensor:
    """Shade points with the Phong model (Phong 1975): (ambient + diffuse) times the colour, plus specular.

    The specular term is there only where the light is in front of the surface. As in PyTorch3D, surfaces are lit on the
    side of their normal only.

    Args:
        points: [B, ..., 3], world frame.
        normals: [B, ..., 3], world frame, of any length.
        colors: [B, ..., 3].
        eye: [B, 3], the cameras' positions, world frame.
        phong: the light and the material.
        head: the light is at the eye, wherever `phong` has it, and gradients flow into it there.

    Returns:
        [B, ..., 3] colours, not clamped.
    """
    n = normalize(normals, dim=-1, eps=_EPS)
    eye = eye.reshape(-1, *(1,) * (points.dim() - 2), 3)
    to_camera = normalize(eye - points, dim=-1, eps=_EPS)
    to_light = to_camera if head else normalize(_constant(points, phong.light) - points, dim=-1, eps=_EPS)
    cosine = (n * to_light).sum(-1, keepdim=True)
    reflected = 2 * cosine * n - to_light
    highlight = torch.relu((to_camera * reflected).sum(-1, keepdim=True)) * (cosine > 0)
    return (phong.ambient + phong.diffuse * torch.relu(cosine)) * colors + phong.specular * highlight**phong.shininess


def over_background(shaded: Tensor, rast: Tensor, phong: Phong) -> Tensor:
    """[B, H, W, 4]: colours [B, H, W, 3] where a triangle is, the background elsewhere, and coverage."""
    coverage = (rast.detach()[..., 3:] > 0).to(rast.dtype)
    rgb = torch.where(coverage > 0, shaded, _constant(shaded, phong.background))
    return torch.cat([rgb, coverage], dim=-1)


def _constant(like: Tensor, numbers: tuple[float, ...]) -> Tensor:
    """[N]: numbers as a tensor like another, written where it is: CUDA would wait for a copy from the host."""
    return torch.cat([like.new_full((1,), number) for number in numbers])
