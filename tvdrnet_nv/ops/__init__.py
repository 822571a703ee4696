"""Differentiable rasterization ops with nvdiffrast's signatures, on CPU and on CUDA tensors.

The tensors' device picks the backend (`tvdrnet_nv.ops.backends`): CPU tensors run on this package's kernels, CUDA
tensors on nvdiffrast. Each op has a folder: `__init__.py` has its meaning and checks, `reference.py` the same in plain
torch, and a file of a backend's name what that backend does.
Code written for `nvdiffrast.torch` runs with `import tvdrnet_nv.ops as dr`.
"""

from tvdrnet_nv.ops import backends
from tvdrnet_nv.ops.antialias import LONG_WALK, TopologyHash, antialias, antialias_construct_topology_hash
from tvdrnet_nv.ops.clip_matrices import clip_matrices
from tvdrnet_nv.ops.contexts import RasterizeCudaContext, RasterizeGLContext
from tvdrnet_nv.ops.depth_peeler import DepthPeeler
from tvdrnet_nv.ops.interpolate import interpolate
from tvdrnet_nv.ops.log_level import get_log_level, set_log_level
from tvdrnet_nv.ops.losses import image_statistics, mean_squared_error, view_heuristic_loss
from tvdrnet_nv.ops.orbit_view import orbit_view
from tvdrnet_nv.ops.phong import Phong
from tvdrnet_nv.ops.rasterize import face_ids, rasterize
from tvdrnet_nv.ops.render_phong import PhongScene, RenderTiming, render_phong
from tvdrnet_nv.ops.shade import shade
from tvdrnet_nv.ops.texture import texture
from tvdrnet_nv.ops.texture.mipmap import MipStack, texture_construct_mip
from tvdrnet_nv.ops.transform import transform

__all__ = [
    "LONG_WALK",
    "DepthPeeler",
    "MipStack",
    "Phong",
    "PhongScene",
    "RasterizeCudaContext",
    "RasterizeGLContext",
    "RenderTiming",
    "TopologyHash",
    "antialias",
    "antialias_construct_topology_hash",
    "backends",
    "clip_matrices",
    "face_ids",
    "get_log_level",
    "image_statistics",
    "interpolate",
    "mean_squared_error",
    "orbit_view",
    "rasterize",
    "render_phong",
    "set_log_level",
    "shade",
    "texture",
    "texture_construct_mip",
    "transform",
    "view_heuristic_loss",
]
