"""The ops of nvdiffrast's contract in plain PyTorch and float64, differentiable by ordinary autograd, slow.

They are written from the contract and share no formula with the kernels beyond what it prescribes.
"""

from tvdrnet_nv.ops.antialias.reference import antialias
from tvdrnet_nv.ops.interpolate.reference import interpolate
from tvdrnet_nv.ops.rasterize.reference import rasterize
from tvdrnet_nv.ops.texture.reference import texture

__all__ = ["antialias", "interpolate", "rasterize", "texture"]
