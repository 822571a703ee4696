"""The ops of the contract once more: plain PyTorch in float64, differentiable by ordinary autograd, slow.

They are written from the contract and share no formula with the kernels beyond what it prescribes.
"""

from tests.twins.antialias import antialias
from tests.twins.interpolate import interpolate
from tests.twins.rasterize import rasterize
from tests.twins.texture import texture

__all__ = ["antialias", "interpolate", "rasterize", "texture"]
