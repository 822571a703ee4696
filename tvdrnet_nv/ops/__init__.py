"""Differentiable rasterization ops with nvdiffrast's signatures, on CPU and on CUDA tensors.

The tensors' device picks the backend: CPU tensors run on this package's kernels, CUDA tensors on nvdiffrast.
Code written for `nvdiffrast.torch` runs with `import tvdrnet_nv.ops as dr`.
"""

from tvdrnet_nv.ops.antialias import TopologyHash, antialias, antialias_construct_topology_hash
from tvdrnet_nv.ops.contexts import RasterizeCudaContext, RasterizeGLContext
from tvdrnet_nv.ops.depth_peeler import DepthPeeler
from tvdrnet_nv.ops.interpolate import interpolate
from tvdrnet_nv.ops.log_level import get_log_level, set_log_level
from tvdrnet_nv.ops.mipmap import MipStack, texture_construct_mip
from tvdrnet_nv.ops.rasterize import rasterize
from tvdrnet_nv.ops.render import PhongScene, RenderTiming, render_phong
from tvdrnet_nv.ops.shade import shade
from tvdrnet_nv.ops.statistics import image_statistics, mean_squared_error, view_heuristic_loss
from tvdrnet_nv.ops.texture import texture

__all__ = [
    "DepthPeeler",
    "MipStack",
    "PhongScene",
    "RasterizeCudaContext",
    "RasterizeGLContext",
    "RenderTiming",
    "TopologyHash",
    "antialias",
    "antialias_construct_topology_hash",
    "get_log_level",
    "image_statistics",
    "interpolate",
    "mean_squared_error",
    "rasterize",
    "render_phong",
    "set_log_level",
    "shade",
    "texture",
    "texture_construct_mip",
    "view_heuristic_loss",
]
