"""The backend for CPU tensors: compiled kernels of this package."""

from __future__ import annotations

import importlib
import math

import torch

from tvdrnet_nv.ops.backends.backend import Backend

_KERNELS = "tvdrnet_nv.kernels._cpu"
_INSTALLATION = "reinstall: pip install --force-reinstall tvdrnet_nv"


def _why_unavailable() -> str | None:
    try:
        importlib.import_module(_KERNELS)
    except ImportError as error:
        return f"{error}; {_INSTALLATION}"
    return None


CPU = Backend(
    name="cpu",
    device_type="cpu",
    dtypes=(torch.float32, torch.float64),
    functions={
        "index_range": f"{_KERNELS}:index_range",
        "rasterize": "tvdrnet_nv.ops.rasterize.cpu:rasterize",
        "peeling": "tvdrnet_nv.ops.depth_peeler.cpu:Peeling",
        "interpolate": "tvdrnet_nv.ops.interpolate.cpu:interpolate",
        "topology": "tvdrnet_nv.ops.antialias.cpu:topology",
        "antialias": "tvdrnet_nv.ops.antialias.cpu:antialias",
        "mip_levels": "tvdrnet_nv.ops.texture.cpu:mip_levels",
        "texture": "tvdrnet_nv.ops.texture.cpu:texture",
        "shade": "tvdrnet_nv.ops.shade.cpu:shade",
        "transform": "tvdrnet_nv.ops.transform.reference:transform",
        "phong_scene": "tvdrnet_nv.ops.render_phong.cpu:NativeScene",
        "render_phong": "tvdrnet_nv.ops.render_phong.cpu:render_phong",
        "image_statistics": "tvdrnet_nv.ops.losses.cpu:image_statistics",
        "view_heuristic_loss": "tvdrnet_nv.ops.losses.cpu:view_heuristic_loss",
        "mean_squared_error": "tvdrnet_nv.ops.losses.cpu:mean_squared_error",
        "orbit_view": "tvdrnet_nv.ops.orbit_view.cpu:orbit_view",
        "clip_matrices": "tvdrnet_nv.ops.clip_matrices.cpu:clip_matrices",
    },
    kernel_module=_KERNELS,
    forward_mode=True,
    renders_in_one_op=True,
    longest_walk=lambda device=None: math.inf,
    checks_indices=True,
    has_extras=True,
    why_unavailable=_why_unavailable,
    installation=_INSTALLATION,
)
