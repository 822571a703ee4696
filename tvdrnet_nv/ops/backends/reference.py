"""The reference: every op in plain torch and float64, on CPU tensors. Slow; for tests, and for reading.

Nothing runs on it unless `using("reference")` says so.
"""

from __future__ import annotations

import torch

from tvdrnet_nv.ops.backends.backend import Backend

_FUNCTIONS = "tvdrnet_nv.ops.backends.reference_functions"

REFERENCE = Backend(
    name="reference",
    device_type="cpu",
    dtypes=(torch.float32, torch.float64),
    functions={
        "index_range": f"{_FUNCTIONS}:index_range",
        "rasterize": f"{_FUNCTIONS}:rasterize",
        "peeling": f"{_FUNCTIONS}:Peeling",
        "interpolate": f"{_FUNCTIONS}:interpolate",
        "topology": f"{_FUNCTIONS}:topology",
        "antialias": f"{_FUNCTIONS}:antialias",
        "mip_levels": f"{_FUNCTIONS}:mip_levels",
        "texture": f"{_FUNCTIONS}:texture",
        "shade": "tvdrnet_nv.ops.shade.reference:shade",
        "transform": "tvdrnet_nv.ops.transform.reference:transform",
        "image_statistics": "tvdrnet_nv.ops.losses.reference:image_statistics",
        "view_heuristic_loss": "tvdrnet_nv.ops.losses.reference:view_heuristic_loss",
        "mean_squared_error": "tvdrnet_nv.ops.losses.reference:mean_squared_error",
        "orbit_view": "tvdrnet_nv.ops.orbit_view.reference:orbit_view",
        "clip_matrices": "tvdrnet_nv.ops.clip_matrices.reference:clip_matrices",
    },
    checks_indices=True,
)
