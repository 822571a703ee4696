"""Shaders: fragments in, images out."""

from __future__ import annotations

from typing import Any, Self

import torch
from torch import Tensor, nn

from tvdrnet_nv.compat.pytorch3d._notices import SOFT, say_once
from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.renderer.blending import BlendParams, hard_rgb_blend
from tvdrnet_nv.compat.pytorch3d.renderer.lighting import PointLights
from tvdrnet_nv.compat.pytorch3d.renderer.materials import Materials
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._fragments import Fragments, _Late, nearest
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._fused import phong_at_once
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.shading import flat_shading, gouraud_shading, phong_shading

__all__ = [
    "HardFlatShader",
    "HardGouraudShader",
    "HardPhongShader",
    "ShaderBase",
    "SoftGouraudShader",
    "SoftPhongShader",
    "SoftSilhouetteShader",
]


class ShaderBase(nn.Module):
    """What the lit shaders have in common. Keyword arguments of `forward` override what is given here.

    Args:
        device: where to put the default lights and materials.
        cameras: for the specular light's direction.
        lights: default `PointLights()`.
        materials: default `Materials()`.
        blend_params: default `BlendParams()`.
    """

    def __init__(
        self,
        device: Device = "cpu",
        cameras: Any = None,
        lights: Any = None,
        materials: Any = None,
        blend_params: BlendParams | None = None,
    ) -> None:
        super().__init__()
        self.lights = lights if lights is not None else PointLights(device=device)
        self.materials = materials if materials is not None else Materials(device=device)
        self.cameras = cameras
        self.blend_params = blend_params if blend_params is not None else BlendParams()

    def _get_cameras(self, **kwargs: Any) -> Any:
        cameras = kwargs.get("cameras", self.cameras)
        if cameras is None:
            raise ValueError(
                "Cameras must be specified either at initialization or in the forward pass of "
                f"{self.__class__.__name__}"
            )
        return cameras

    def to(self, device: Device) -> Self:  # type: ignore[override]
        """Move cameras, lights and materials."""
        for name in ("cameras", "materials", "lights"):
            value = getattr(self, name)
            if value is not None:
                setattr(self, name, value.to(device))
        return self

    def _shaded(self, fragments: Fragments, meshes: Any, kwargs: dict[str, Any]) -> Tensor:
        """[N, H, W, 1, 3]: colours of the nearest surface."""
        raise NotImplementedError

    def _hard(self, front: Fragments, meshes: Any, kwargs: dict[str, Any]) -> Tensor:
        """[N, H, W, 4]: the nearest surface over the background."""
        blend_params = kwargs.get("blend_params", self.blend_params)
        return hard_rgb_blend(self._shaded(front, meshes, kwargs), front, blend_params)

    def _given(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {
            "lights": kwargs.get("lights", self.lights),
            "materials": kwargs.get("materials", self.materials),
            "cameras": self._get_cameras(**kwargs),
        }


class _Hard(ShaderBase):
    def forward(self, fragments: Fragments, meshes: Any, **kwargs: Any) -> Tensor:
        """Shade the nearest surface.

        Args:
            fragments: of the rasterizer.
            meshes: the meshes that they are of.
            **kwargs: `cameras`, `lights`, `materials`, `blend_params` instead of the shader's.

        Returns:
            [N, H, W, 4]: RGB, and alpha, which is 0 or 1 and has no gradient.
        """
        return self._hard(nearest(fragments), meshes, kwargs)


class _Soft(ShaderBase):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_once(SOFT)

    def forward(self, fragments: Fragments, meshes: Any, **kwargs: Any) -> Tensor:
        """Shade the nearest surface, and antialias its silhouettes.

        Args:
            fragments: of this package's MeshRasterizer.
            meshes: the meshes that they are of.
            **kwargs: `cameras`, `lights`, `materials`, `blend_params` instead of the shader's.

        Returns:
            [N, H, W, 4]: RGB, and alpha, the covered share of the pixel; gradients flow through the silhouettes.

        Raises:
            ValueError: the fragments are of another rasterizer.
        """
        hard = self._hard(nearest(fragments), meshes, kwargs)
        return _antialiased(self, fragments, hard)


def _antialiased(shader: nn.Module, fragments: Fragments, image: Tensor) -> Tensor:
    if not isinstance(fragments, _Late):
        raise ValueError(
            f"{type(shader).__name__} needs the fragments of this package's MeshRasterizer, which know the "
            f"silhouettes; got {type(fragments).__name__}"
        )
    return fragments.raster.antialias(image)


class _Phong(ShaderBase):
    def _hard(self, front: Fragments, meshes: Any, kwargs: dict[str, Any]) -> Tensor:
        blend_params = kwargs.get("blend_params", self.blend_params)
        at_once = phong_at_once(front, meshes, blend_params=blend_params, **self._given(kwargs))
        return super()._hard(front, meshes, kwargs) if at_once is None else at_once

    def _shaded(self, fragments: Fragments, meshes: Any, kwargs: dict[str, Any]) -> Tensor:
        texels = meshes.sample_textures(fragments)
        return phong_shading(meshes=meshes, fragments=fragments, texels=texels, **self._given(kwargs))


class _Gouraud(ShaderBase):
    def _shaded(self, fragments: Fragments, meshes: Any, kwargs: dict[str, Any]) -> Tensor:
        return gouraud_shading(meshes=meshes, fragments=fragments, **self._given(kwargs))


class HardPhongShader(_Phong, _Hard):
    """Light at each pixel, with the interpolated normals; the nearest surface alone."""


class HardGouraudShader(_Gouraud, _Hard):
    """Light at each vertex, the colours interpolated; the nearest surface alone."""


class HardFlatShader(_Hard):
    """One light for each face; the nearest surface alone."""

    def _shaded(self, fragments: Fragments, meshes: Any, kwargs: dict[str, Any]) -> Tensor:
        texels = meshes.sample_textures(fragments)
        return flat_shading(meshes=meshes, fragments=fragments, texels=texels, **self._given(kwargs))


class SoftPhongShader(_Phong, _Soft):
    """`HardPhongShader` with antialiased silhouettes, through which gradients flow.

    PyTorch3D's blends the K nearest faces, each blurred by sigma and weighted by depth and gamma. Here the nearest
    surface is opaque, and a pixel that a silhouette crosses is blended with what is behind; sigma and gamma have no
    effect. A warning says so once.
    """


class SoftGouraudShader(_Gouraud, _Soft):
    """`HardGouraudShader` with antialiased silhouettes; differs from PyTorch3D's as `SoftPhongShader` does."""


class SoftSilhouetteShader(nn.Module):
    """The covered share of each pixel, with a gradient through the silhouettes.

    PyTorch3D's blurs faces by sigma: its silhouette is as wide as sigma says, and slightly too large. Here it is one
    pixel wide and where it should be; sigma has no effect. A warning says so once.

    Args:
        blend_params: accepted; without effect.
    """

    def __init__(self, blend_params: BlendParams | None = None) -> None:
        super().__init__()
        self.blend_params = blend_params if blend_params is not None else BlendParams()
        say_once(SOFT)

    def forward(self, fragments: Fragments, meshes: Any, **kwargs: Any) -> Tensor:
        """[N, H, W, 4]: RGB is 1 everywhere, alpha is the covered share of the pixel.

        Args:
            fragments: of this package's MeshRasterizer.
            meshes: the meshes that they are of.
            **kwargs: accepted; without effect.

        Raises:
            ValueError: the fragments are of another rasterizer.
        """
        front = nearest(fragments)
        covered = (front.pix_to_face >= 0).to(front.bary_coords.dtype)
        alpha = _antialiased(self, fragments, covered)
        return torch.cat([torch.ones_like(alpha).expand(*alpha.shape[:3], 3), alpha], dim=-1)
