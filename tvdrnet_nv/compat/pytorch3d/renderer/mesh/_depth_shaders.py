"""Shaders that show how far surfaces are; public in `pytorch3d.renderer.mesh.shader`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from tvdrnet_nv.compat.pytorch3d.renderer.mesh._fragments import Fragments
from tvdrnet_nv.compat.pytorch3d.renderer.mesh._shader_base import ShaderBase

__all__ = ["HardDepthShader", "SoftDepthShader"]


class _Depth(ShaderBase):
    def _far(self, fragments: Fragments, kwargs: dict[str, Any]) -> Tensor:
        """[N or 1, 1, 1, 1]: the cameras' zfar, or 100."""
        far = kwargs.get("zfar", getattr(self._get_cameras(**kwargs), "zfar", 100.0))
        return torch.as_tensor(far, dtype=fragments.zbuf.dtype, device=fragments.zbuf.device).reshape(-1, 1, 1, 1)


class HardDepthShader(_Depth):
    """The nearest surface's depth, or `zfar` where there is none."""

    def forward(self, fragments: Fragments, meshes: Any, **kwargs: Any) -> Tensor:
        """[N, H, W, 1]: view space's z.

        Args:
            fragments: of the rasterizer.
            meshes: accepted; without effect.
            **kwargs: `cameras`, `zfar`.
        """
        far = self._far(fragments, kwargs)
        return torch.where(fragments.pix_to_face[..., :1] >= 0, fragments.zbuf[..., :1], far)


class SoftDepthShader(_Depth):
    """Depths of blurred faces, each weighted by how much it covers of what the nearer ones leave."""

    def forward(self, fragments: Fragments, meshes: Any, **kwargs: Any) -> Tensor:
        """[N, H, W, 1]: view space's z; what no face covers is at `zfar`.

        Args:
            fragments: with distances; see `RasterizationSettings.exact`.
            meshes: accepted; without effect.
            **kwargs: `cameras`, `zfar`.

        Raises:
            ValueError: the fragments have no distances.
        """
        if fragments.dists is None:
            raise ValueError("SoftDepthShader requires Fragments.dists to be present.")
        far = self._far(fragments, kwargs)
        sigma = kwargs.get("blend_params", self.blend_params).sigma
        coverage = torch.sigmoid(-fragments.dists / sigma) * (fragments.pix_to_face >= 0)
        # What a face adds to the covered share, which is full at one; the background has the rest.
        covered = torch.nn.functional.pad(coverage.cumsum(-1).clamp_max(1.0), (1, 1))
        covered = torch.cat([covered[..., :-1], torch.ones_like(covered[..., -1:])], dim=-1)
        depths = torch.cat([fragments.zbuf, far.expand(*fragments.zbuf.shape[:-1], 1)], dim=-1)
        return (covered.diff(dim=-1) * depths).sum(-1, keepdim=True)
