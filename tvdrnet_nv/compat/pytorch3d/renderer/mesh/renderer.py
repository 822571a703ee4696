"""A rasterizer and a shader, one after the other."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from tvdrnet_nv.compat.pytorch3d.common.datatypes import Device
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._fragments import Fragments

__all__ = ["MeshRenderer", "MeshRendererWithFragments"]


class MeshRendererWithFragments(nn.Module):
    """Renders images, and gives the fragments too.

    Args:
        rasterizer: called with the meshes; a `MeshRasterizer`.
        shader: called with the fragments and the meshes.
    """

    def __init__(self, rasterizer: Any, shader: Any) -> None:
        super().__init__()
        self.rasterizer = rasterizer
        self.shader = shader

    def to(self, device: Device) -> Any:  # type: ignore[override]
        """Move rasterizer and shader."""
        self.rasterizer.to(device)
        self.shader.to(device)
        return self

    def forward(self, meshes_world: Any, **kwargs: Any) -> tuple[Tensor, Fragments]:
        """Render.

        Args:
            meshes_world: N meshes, for N cameras or for one.
            **kwargs: for rasterizer and shader alike: R, T, cameras, lights, …

        Returns:
            images [N, H, W, 4], and fragments.
        """
        fragments = self.rasterizer(meshes_world, **kwargs)
        return self.shader(fragments, meshes_world, **kwargs), fragments


class MeshRenderer(MeshRendererWithFragments):
    """Renders images.

    Args:
        rasterizer: called with the meshes; a `MeshRasterizer`.
        shader: called with the fragments and the meshes.
    """

    def forward(self, meshes_world: Any, **kwargs: Any) -> Tensor:  # type: ignore[override]
        """Images [N, H, W, 4]; arguments as `MeshRendererWithFragments.forward`."""
        return super().forward(meshes_world, **kwargs)[0]
