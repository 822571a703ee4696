"""The reference: every op in plain torch and float64, on CPU tensors. Slow; for tests, and for reading.

Nothing runs on it unless `using("reference")` says so.
"""

from __future__ import annotations

import torch

from tvdrnet_nv.ops.backends.backend import Backend

REFERENCE = Backend(
    name="reference",
    device_type="cpu",
    dtypes=(torch.float32, torch.float64),
    functions={
        "index_range": "tvdrnet_nv.ops.arguments:index_range",
        "rasterize": "tvdrnet_nv.ops.rasterize.on_reference:rasterize",
        "peeling": "tvdrnet_nv.ops.depth_peeler.on_reference:Peeling",
        "interpolate": "tvdrnet_nv.ops.interpolate.on_reference:interpolate",
        "topology": "tvdrnet_nv.ops.antialias.on_reference:topology",
        "antialias": "tvdrnet_nv.ops.antialias.on_reference:antialias",
        "mip_levels": "tvdrnet_nv.ops.texture.on_reference:mip_levels",
        "texture": "tvdrnet_nv.ops.texture.on_reference:texture",
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
