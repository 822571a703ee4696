"""Our CUDA kernels on CPU tensors: what a GPU would compute, to the last bit, on a machine that has none.

`rasterize` and `antialias` have such kernels; the other ops are the CPU's. It is slower than these, and for tests.
Nothing runs on it unless `using("cuda-emulated")` says so.
"""

from __future__ import annotations

import dataclasses

import torch

from tvdrnet_nv.ops.backends.cpu import CPU

CUDA_EMULATED = dataclasses.replace(
    CPU,
    name="cuda-emulated",
    dtypes=(torch.float32,),
    functions={
        **{op: where for op, where in CPU.functions.items() if op not in ("phong_scene", "render_phong")},
        "rasterize": "tvdrnet_nv.ops.rasterize.native:rasterize",
        "antialias": "tvdrnet_nv.ops.antialias.native:antialias",
        "peeling": "tvdrnet_nv.ops.depth_peeler.native:Peeling",
        "launch": "tvdrnet_nv.ops.native.emulated:launch",
    },
    renders_in_one_op=False,
)
