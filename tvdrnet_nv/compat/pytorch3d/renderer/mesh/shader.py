"""Shaders: fragments in, images out."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor, nn

from tvdrnet_nv.compat.pytorch3d._notices import SOFT, say_once
from tvdrnet_nv.compat.pytorch3d.renderer.blending import (
    BlendParams,
    sigmoid_alpha_blend,
    softmax_rgb_blend,
)
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._depth_shaders import HardDepthShader, SoftDepthShader
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._fragments import Fragments, _Late, nearest
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._fused import phong_at_once
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._shader_base import ShaderBase
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.shading import flat_shading, gouraud_shading, phong_shading

__all__ = [
    "BlendParams",
    "HardDepthShader",
    "HardFlatShader",
    "HardGouraudShader",
    "HardPhongShader",
    "ShaderBase",
    "SoftDepthShader",
    "SoftGouraudShader",
    "SoftPhongShader",
    "SoftSilhouetteShader",
    "TexturedSoftPhongShader",
]


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
    def forward(self, fragments: Fragments, meshes: Any, **kwargs: Any) -> Tensor:
        """Shade the nearest surface, and antialias its silhouettes; or shade all K surfaces, and blend them.

        Args:
            fragments: of this package's MeshRasterizer, which are antialiased; or of blurred faces, which are blended
                by sigma and gamma.
            meshes: the meshes that they are of.
            **kwargs: `cameras`, `lights`, `materials`, `blend_params` instead of the shader's; for blended surfaces
                `znear` and `zfar` instead of the cameras'.

        Returns:
            [N, H, W, 4]: RGB, and alpha, the covered share of the pixel; gradients flow through the silhouettes.

        Raises:
            ValueError: the fragments have no distances.
        """
        if isinstance(fragments, _Late):
            say_once(SOFT)
            return fragments.raster.antialias(self._hard(nearest(fragments), meshes, kwargs))
        _check_distances(self, fragments)
        cameras, blend_params = self._get_cameras(**kwargs), kwargs.get("blend_params", self.blend_params)
        near, far = (kwargs.get(n, getattr(cameras, n, d)) for n, d in (("znear", 1.0), ("zfar", 100.0)))
        return softmax_rgb_blend(self._shaded(fragments, meshes, kwargs), fragments, blend_params, near, far)


def _check_distances(shader: nn.Module, fragments: Fragments) -> None:
    if fragments.dists is None:
        raise ValueError(f"{type(shader).__name__} needs fragments with distances; got dists=None")


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

    PyTorch3D's blends the K nearest faces, each blurred by sigma and weighted by depth and gamma; so does this one with
    `RasterizationSettings(exact=True)`. Otherwise the nearest surface is opaque, and a pixel that a silhouette crosses
    is blended with what is behind; sigma and gamma have no effect. A warning says so once.
    """


class TexturedSoftPhongShader(SoftPhongShader):
    """The old name of `SoftPhongShader`, as in PyTorch3D; making one costs a warning (PendingDeprecationWarning)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        warnings.warn(
            "TexturedSoftPhongShader is now deprecated; use SoftPhongShader instead.",
            PendingDeprecationWarning,
            stacklevel=2,
        )


class SoftGouraudShader(_Gouraud, _Soft):
    """`HardGouraudShader` with antialiased silhouettes; differs from PyTorch3D's as `SoftPhongShader` does."""


class SoftSilhouetteShader(nn.Module):
    """The covered share of each pixel, with a gradient through the silhouettes.

    PyTorch3D's blurs faces by sigma: its silhouette is as wide as sigma says, and slightly too large; so is this one
    with `RasterizationSettings(exact=True)`. Otherwise it is one pixel wide and where it should be; sigma has no
    effect. A warning says so once.

    Args:
        blend_params: sigma.
    """

    def __init__(self, blend_params: BlendParams | None = None) -> None:
        super().__init__()
        self.blend_params = blend_params if blend_params is not None else BlendParams()

    def forward(self, fragments: Fragments, meshes: Any, **kwargs: Any) -> Tensor:
        """[N, H, W, 4]: RGB is 1 everywhere, alpha is the covered share of the pixel.

        Args:
            fragments: of this package's MeshRasterizer, or of blurred faces.
            meshes: the meshes that they are of.
            **kwargs: `blend_params` instead of the shader's.

        Raises:
            ValueError: the fragments have no distances.
        """
        if not isinstance(fragments, _Late):
            _check_distances(self, fragments)
            colors = torch.ones_like(fragments.bary_coords)
            return sigmoid_alpha_blend(colors, fragments, kwargs.get("blend_params", self.blend_params))
        say_once(SOFT)
        front = nearest(fragments)
        covered = (front.pix_to_face >= 0).to(front.bary_coords.dtype)
        alpha = fragments.raster.antialias(covered)
        return torch.cat([torch.ones_like(alpha).expand(*alpha.shape[:3], 3), alpha], dim=-1)
