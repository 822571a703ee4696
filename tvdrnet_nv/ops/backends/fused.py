"""The backend for CUDA tensors that is all our own: one op from vertices to the image and one for the loss, in kernels
that NVRTC compiles at their first use. It needs neither nvdiffrast nor nvcc, and never makes the host wait.

Nothing runs on it unless `using("fused")` or `--device fused` says so. Textures are looked up in torch.
"""

from __future__ import annotations

import dataclasses
import importlib
import math

from tvdrnet_nv.ops import cuda_device
from tvdrnet_nv.ops.backends.cuda import CUDA
from tvdrnet_nv.ops.backends.own_kernels import OWN_KERNELS, TEXTURES_IN_TORCH


def _why_unavailable() -> str | None:
    return cuda_device.why_absent()


def _trial() -> str | None:
    return cuda_device.why_not_computing() or FUSED.function("why_not_launched")()


def _drawback() -> str | None:
    missing = importlib.import_module("tvdrnet_nv.kernels.cuda").why_unavailable()
    return None if missing is None else f"transform and shade, for vertices that move, run in torch: {missing}"


FUSED = dataclasses.replace(
    CUDA,
    name="fused",
    functions={
        **CUDA.functions,
        **OWN_KERNELS,
        **TEXTURES_IN_TORCH,
        "topology": "tvdrnet_nv.ops.antialias.native:topology",
    },
    forward_mode=True,
    renders_in_one_op=True,
    longest_walk=lambda device=None: math.inf,
    exact_coverage=True,
    pixel_numbers=96,
    vertex_numbers=8,  # in clip space and on the screen
    why_unavailable=_why_unavailable,
    trial=_trial,
    drawback=_drawback,
)
