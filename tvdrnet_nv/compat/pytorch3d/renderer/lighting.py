"""Lights: what of them reaches the camera from a surface, by Phong's model (1975)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import normalize

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.renderer.utils import TensorProperties, convert_to_tensors_and_broadcast

__all__ = ["AmbientLights", "DirectionalLights", "PointLights", "diffuse", "specular"]

_EPS = 1e-6  # shorter vectors are not normalised: PyTorch3D's bound


def _beside(value: Tensor, points: Tensor) -> Tensor:
    """[N, C] with dimensions of one in the middle, as many as `points` [N, ..., 3] has."""
    if value.dim() == points.dim():
        return value
    if value.dim() == 1:  # one colour or direction for all
        value = value[None]
    return value.reshape(len(value), *(1,) * (points.dim() - 2), *value.shape[1:])


def diffuse(normals: Tensor, color: Tensor, direction: Tensor) -> Tensor:
    """Scattered light: the colour times the cosine to the normal, where that is positive.

    Args:
        normals: [N, ..., 3], of any length.
        color: [N or 1, 3], or the shape of `normals`.
        direction: towards the light, [N or 1, 3] or the shape of `normals`, of any length.

    Returns:
        The shape of `normals`.
    """
    normals, color, direction = convert_to_tensors_and_broadcast(normals, color, direction, device=normals.device)
    n = normalize(normals, dim=-1, eps=_EPS)
    to_light = normalize(_beside(direction, normals), dim=-1, eps=_EPS)
    return _beside(color, normals) * torch.relu((n * to_light).sum(-1, keepdim=True))


def specular(
    points: Tensor, normals: Tensor, direction: Tensor, color: Tensor, camera_position: Tensor, shininess: Any
) -> Tensor:
    """Mirrored light: the colour times a power of the cosine between the reflection and the direction to the camera,
    where the light is in front of the surface.

    Args:
        points: [N, ..., 3], world frame.
        normals: [N, ..., 3], of any length.
        direction: towards the light, [N or 1, 3] or the shape of `normals`, of any length.
        color: [N or 1, 3], or the shape of `normals`.
        camera_position: [N or 1, 3], or the shape of `normals`, world frame.
        shininess: the exponent, a number or [N or 1].

    Returns:
        The shape of `normals`.
    """
    if points.shape != normals.shape:
        raise ValueError(f"Expected points and normals to have the same shape; got {points.shape}, {normals.shape}")
    _, color, direction, camera_position, shininess = convert_to_tensors_and_broadcast(
        points, color, direction, camera_position, shininess, device=points.device
    )
    if shininess.dim() != normals.dim():
        shininess = shininess.reshape(len(shininess), *(1,) * (normals.dim() - 1))
    n = normalize(normals, dim=-1, eps=_EPS)
    to_light = normalize(_beside(direction, normals), dim=-1, eps=_EPS)
    to_camera = normalize(_beside(camera_position, normals) - points, dim=-1, eps=_EPS)
    cosine = (n * to_light).sum(-1, keepdim=True)
    reflected = 2 * cosine * n - to_light
    lobe = torch.relu((to_camera * reflected).sum(-1, keepdim=True)) * (cosine > 0)
    return _beside(color, normals) * lobe**shininess


class _Lights(TensorProperties):
    """RGB [N, 3] of the light's three shares."""

    ambient_color: Tensor
    diffuse_color: Tensor
    specular_color: Tensor

    def _check(self, *names: str) -> None:
        for name in names:
            if getattr(self, name).shape[-1] != 3:
                raise ValueError(f"Expected {name} to have shape (N, 3); got {list(getattr(self, name).shape)}")


class DirectionalLights(_Lights):
    """Lights from infinitely far away.

    Args:
        ambient_color: RGB that reaches every point, [3] or [N, 3].
        diffuse_color: RGB that is scattered.
        specular_color: RGB that is mirrored.
        direction: towards the light, world frame, of any length.
        device: where to put the tensors.
    """

    direction: Tensor

    def __init__(
        self,
        ambient_color: Any = ((0.5, 0.5, 0.5),),
        diffuse_color: Any = ((0.3, 0.3, 0.3),),
        specular_color: Any = ((0.2, 0.2, 0.2),),
        direction: Any = ((0, 1, 0),),
        device: Device = "cpu",
    ) -> None:
        super().__init__(
            device=device,
            ambient_color=ambient_color,
            diffuse_color=diffuse_color,
            specular_color=specular_color,
            direction=direction,
        )
        self._check("ambient_color", "diffuse_color", "specular_color", "direction")

    def diffuse(self, normals: Tensor, points: Tensor | None = None) -> Tensor:
        """See the function `diffuse`."""
        return diffuse(normals=normals, color=self.diffuse_color, direction=self.direction)

    def specular(self, normals: Tensor, points: Tensor, camera_position: Tensor, shininess: Any) -> Tensor:
        """See the function `specular`."""
        return specular(points, normals, self.direction, self.specular_color, camera_position, shininess)


class PointLights(_Lights):
    """Lights at a point, as strong at any distance.

    Args:
        ambient_color: RGB that reaches every point, [3] or [N, 3].
        diffuse_color: RGB that is scattered.
        specular_color: RGB that is mirrored.
        location: world frame, [3] or [N, 3].
        device: where to put the tensors.
    """

    location: Tensor

    def __init__(
        self,
        ambient_color: Any = ((0.5, 0.5, 0.5),),
        diffuse_color: Any = ((0.3, 0.3, 0.3),),
        specular_color: Any = ((0.2, 0.2, 0.2),),
        location: Any = ((0, 1, 0),),
        device: Device = "cpu",
    ) -> None:
        super().__init__(
            device=device,
            ambient_color=ambient_color,
            diffuse_color=diffuse_color,
            specular_color=specular_color,
            location=location,
        )
        self._check("ambient_color", "diffuse_color", "specular_color", "location")

    def reshape_location(self, points: Tensor) -> Tensor:
        """The locations, with the dimensions of `points` [N, ..., 3]."""
        return _beside(self.location, points)

    def diffuse(self, normals: Tensor, points: Tensor) -> Tensor:
        """See the function `diffuse`."""
        return diffuse(normals=normals, color=self.diffuse_color, direction=self.reshape_location(points) - points)

    def specular(self, normals: Tensor, points: Tensor, camera_position: Tensor, shininess: Any) -> Tensor:
        """See the function `specular`."""
        direction = self.reshape_location(points) - points
        return specular(points, normals, direction, self.specular_color, camera_position, shininess)


class AmbientLights(TensorProperties):
    """Light that reaches every point alike: the texture is seen as it is.

    Args:
        ambient_color: [C] or [N, C], as many channels as the texture; default white RGB.
        device: where to put the tensor.
    """

    ambient_color: Tensor

    def __init__(self, *, ambient_color: Any = None, device: Device = "cpu") -> None:
        super().__init__(device=device, ambient_color=((1.0, 1.0, 1.0),) if ambient_color is None else ambient_color)

    def diffuse(self, normals: Tensor, points: Tensor) -> Tensor:
        """Zeros, as many channels as the colour has."""
        return points.new_zeros(*points.shape[:-1], self.ambient_color.shape[-1])

    def specular(self, normals: Tensor, points: Tensor, camera_position: Tensor, shininess: Any) -> Tensor:
        """Zeros, as many channels as the colour has."""
        return self.diffuse(normals, points)
