"""The ops for which this package has CUDA kernels of its own, `kernels/cuda/*.cu`."""

from __future__ import annotations

OWN_KERNELS = {
    "rasterize": "tvdrnet_nv.ops.rasterize.native:rasterize",
    "peeling": "tvdrnet_nv.ops.depth_peeler.native:Peeling",
    "interpolate": "tvdrnet_nv.ops.interpolate.native:interpolate",
    "antialias": "tvdrnet_nv.ops.antialias.native:antialias",
    "phong_scene": "tvdrnet_nv.ops.render_phong.native:NativeScene",
    "render_phong": "tvdrnet_nv.ops.render_phong.native:render_phong",
    "image_statistics": "tvdrnet_nv.ops.losses.native:image_statistics",
    "view_heuristic_loss": "tvdrnet_nv.ops.losses.native:view_heuristic_loss",
    "mean_squared_error": "tvdrnet_nv.ops.losses.native:mean_squared_error",
}

# Where nvdiffrast is not asked.
TEXTURES_IN_TORCH = {
    "mip_levels": "tvdrnet_nv.ops.texture.gathered:mip_levels",
    "texture": "tvdrnet_nv.ops.texture.gathered:texture",
}
