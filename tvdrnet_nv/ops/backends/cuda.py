"""The backend for CUDA tensors: NVIDIA's nvdiffrast, and kernels of this package for what lies around it.

Silhouettes are found by our own CUDA kernels, or where they cannot be compiled by nvdiffrast. Where triton cannot be
imported or compile, the ops that it speeds up run in torch.
"""

from __future__ import annotations

import importlib
import math

import torch

from tvdrnet_nv.ops import cuda_device, nvdiffrast
from tvdrnet_nv.ops.backends.backend import Backend


def _why_unavailable() -> str | None:
    return cuda_device.why_absent() or nvdiffrast.why_not_installed()


def _trial() -> str | None:
    return cuda_device.why_not_computing() or nvdiffrast.why_not_loaded()


def _drawback() -> str | None:
    triton = importlib.import_module("tvdrnet_nv.kernels.cuda").why_unavailable()
    launched = CUDA.function("why_not_launched")()
    said = {"the ops around nvdiffrast run in torch": triton, "small triangles have no silhouettes": launched}
    return "; ".join(f"{what}: {missing}" for what, missing in said.items() if missing is not None) or None


def _longest_walk(device: torch.device | None = None) -> float:
    return math.inf if CUDA.function("why_not_launched")(device) is None else 1


CUDA = Backend(
    name="cuda",
    device_type="cuda",
    dtypes=(torch.float32,),
    functions={
        "rasterize": "tvdrnet_nv.ops.rasterize.cuda:rasterize",
        "peeling": "tvdrnet_nv.ops.depth_peeler.cuda:Peeling",
        "interpolate": "tvdrnet_nv.ops.interpolate.cuda:interpolate",
        "topology": "tvdrnet_nv.ops.antialias.cuda:topology",
        "antialias": "tvdrnet_nv.ops.antialias.cuda:antialias",
        "mip_levels": "tvdrnet_nv.ops.texture.cuda:mip_levels",
        "texture": "tvdrnet_nv.ops.texture.cuda:texture",
        "shade": "tvdrnet_nv.ops.shade.cuda:shade",
        "transform": "tvdrnet_nv.ops.transform.cuda:transform",
        "image_statistics": "tvdrnet_nv.ops.losses.reference:image_statistics",
        "view_heuristic_loss": "tvdrnet_nv.ops.losses.cuda:view_heuristic_loss",
        "mean_squared_error": "tvdrnet_nv.ops.losses.cuda:mean_squared_error",
        "orbit_view": "tvdrnet_nv.ops.orbit_view.reference:orbit_view",
        "clip_matrices": "tvdrnet_nv.ops.clip_matrices.reference:clip_matrices",
        "launch": "tvdrnet_nv.ops.native.gpu:launch",
        "prepare": "tvdrnet_nv.ops.native.gpu:prepare",
        "why_not_launched": "tvdrnet_nv.ops.native.gpu:why_unavailable",
    },
    longest_walk=_longest_walk,
    asynchronous=True,
    free_memory=lambda device: torch.cuda.mem_get_info(device)[0],
    wait=torch.cuda.synchronize,
    full_precision_products=False,
    exact_coverage=False,
    why_unavailable=_why_unavailable,
    trial=_trial,
    drawback=_drawback,
    installation="reinstall: pip install --force-reinstall tvdrnet_nv",
)
