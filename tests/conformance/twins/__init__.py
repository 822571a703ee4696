"""The ops of the contract once more: plain PyTorch in float64, differentiable by ordinary autograd, slow.

They are written from the contract and share no formula with the kernels beyond what it prescribes.
"""

from tvdrnet_nv.conformance.twins.antialias import antialias
from tvdrnet_nv.conformance.twins.interpolate import interpolate
from tvdrnet_nv.conformance.twins.rasterize import rasterize
from tvdrnet_nv.conformance.twins.texture import texture

__all__ = ["antialias", "interpolate", "rasterize", "texture"]
