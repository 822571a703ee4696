"""`pytorch3d.renderer.mesh`."""

from tvdrnet_nv.compat.pytorch3d.renderer.blending import BlendParams
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.rasterizer import MeshRasterizer, RasterizationSettings
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.renderer import MeshRenderer, MeshRendererWithFragments
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.shader import (
    HardFlatShader,
    HardGouraudShader,
    HardPhongShader,
    SoftGouraudShader,
    SoftPhongShader,
    SoftSilhouetteShader,
)
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.shading import gouraud_shading, phong_shading
from tvdrnet_nv.compat.pytorch3d.renderer.mesh.textures import TexturesBase, TexturesUV, TexturesVertex

__all__ = [
    "BlendParams",
    "HardFlatShader",
    "HardGouraudShader",
    "HardPhongShader",
    "MeshRasterizer",
    "MeshRenderer",
    "MeshRendererWithFragments",
    "RasterizationSettings",
    "SoftGouraudShader",
    "SoftPhongShader",
    "SoftSilhouetteShader",
    "TexturesBase",
    "TexturesUV",
    "TexturesVertex",
    "gouraud_shading",
    "phong_shading",
]
