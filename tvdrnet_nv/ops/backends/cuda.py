"""The backend for CUDA tensors: NVIDIA's nvdiffrast, and Triton kernels of this package for what lies around it.

Where triton cannot be imported, the ops that it speeds up run in torch.
"""

from __future__ import annotations

from importlib.util import find_spec

import torch

from tvdrnet_nv.ops.backends.backend import Backend

INSTALL = "pip install 'tvdrnet_nv[cuda]' (nvdiffrast: non-commercial use only)"


def _why_unavailable() -> str | None:
    if torch.version.cuda is None:
        return f"this torch ({torch.__version__}) is built without CUDA; install a CUDA build from pytorch.org"
    if not torch.cuda.is_available():
        return "torch sees no CUDA device; check nvidia-smi and CUDA_VISIBLE_DEVICES"
    if find_spec("nvdiffrast") is None:
        return f"nvdiffrast is not installed; {INSTALL}"
    return None


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
    },
    asynchronous=True,
    wait=torch.cuda.synchronize,
    full_precision_products=False,
    exact_coverage=False,
    why_unavailable=_why_unavailable,
    installation=INSTALL,
)
