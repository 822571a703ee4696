"""Phong shading at a point light, as TVDRNet shades through PyTorch3D's HardPhongShader."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import normalize

_EPS = 1e-6  # shorter vectors are not normalised: PyTorch3D's bound


@dataclass(frozen=True)
class PhongLight:
    """A white point light and the material's answer to it. The defaults are TVDRNet's.

    Attributes:
        location: world position, scene units.
        ambient: light that reaches every point, times the vertex colour.
        diffuse: share of the light that is scattered, times the vertex colour and the cosine to the normal.
        specular: share that is mirrored.
        shininess: exponent of the specular lobe.
    """

    location: tuple[float, float, float] = (2.0, 2.0, -3.0)
    ambient: float = 0.5
    diffuse: float = 0.8
    specular: float = 0.3
    shininess: float = 64.0

    def __post_init__(self) -> None:
        if len(self.location) != 3 or not all(math.isfinite(x) for x in self.location):
            raise ValueError(f"location must be three finite numbers; got {self.location}")
        for name in ("ambient", "diffuse", "specular", "shininess"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} must be a finite number, zero or more; got {value}")


def phong(points: Tensor, normals: Tensor, colors: Tensor, camera_position: Tensor, light: PhongLight) -> Tensor:
    """Shade points with the Phong model (Phong 1975): (ambient + diffuse) times the colour, plus specular.

    The specular term is there only where the light is in front of the surface. As in PyTorch3D, surfaces are lit on the
    side of their normal only.

    Args:
        points: [B, ..., 3], world frame.
        normals: [B, ..., 3], world frame, of any length.
        colors: [B, ..., 3].
        camera_position: [B, 3], world frame.
        light: the light.

    Returns:
        [B, ..., 3] colours, not clamped.
    """
    n = normalize(normals, dim=-1, eps=_EPS)
    to_light = normalize(constant(points, light.location) - points, dim=-1, eps=_EPS)
    eye = camera_position.reshape(-1, *(1,) * (points.dim() - 2), 3)
    to_camera = normalize(eye - points, dim=-1, eps=_EPS)
    cosine = (n * to_light).sum(-1, keepdim=True)
    reflected = 2 * cosine * n - to_light
    highlight = torch.relu((to_camera * reflected).sum(-1, keepdim=True)) * (cosine > 0)
    return (light.ambient + light.diffuse * torch.relu(cosine)) * colors + light.specular * highlight**light.shininess


def constant(like: Tensor, numbers: tuple[float, ...]) -> Tensor:
    """[N]: numbers as a tensor like another, written where it is: CUDA would wait for a copy from the host."""
    return torch.cat([like.new_full((1,), number) for number in numbers])
