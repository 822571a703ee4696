"""Our CUDA kernels on CPU tensors: what the backend "fused" would compute on a GPU, to the last bit, without one.

The ops that have such kernels run through them; textures are torch's, as there, and the other ops the CPU's. It is
slower than these, and for tests.
Nothing runs on it unless `using("cuda-emulated")` says so.
"""

from __future__ import annotations

import dataclasses

import torch

from tvdrnet_nv.ops.backends.cpu import CPU
from tvdrnet_nv.ops.backends.own_kernels import OWN_KERNELS, TEXTURES_IN_TORCH

CUDA_EMULATED = dataclasses.replace(
    CPU,
    name="cuda-emulated",
    dtypes=(torch.float32,),
    functions={
        **CPU.functions,
        **OWN_KERNELS,
        **TEXTURES_IN_TORCH,
        "launch": "tvdrnet_nv.ops.native.emulated:launch",
        "prepare": "tvdrnet_nv.ops.native.emulated:prepare",
    },
    pixel_numbers=96,  # as in "fused"
    vertex_numbers=8,
)
