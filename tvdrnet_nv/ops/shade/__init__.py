"""shade: interpolation and Phong shading in one pass over the pixels, for a moving camera. Ours; not in nvdiffrast."""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.ops.arguments import FLOATS, check_dtype, check_faces, check_rast, check_tensor
from tvdrnet_nv.ops.backends import backend_of
from tvdrnet_nv.ops.phong import Phong


def shade(attributes: Tensor, rast: Tensor, tri: Tensor, eye: Tensor, phong: Phong) -> Tensor:
    """Shade what `rasterize` found with the Phong model: `tvdrnet_nv.ops.shade.reference` has the formula.

    Args:
        attributes: [V, 9], position, normal and colour of the vertices, world frame. No gradient flows into them.
        rast: [B, H, W, 4] from `rasterize`, of the dtype of `attributes`.
        tri: int32 [F, 3], the one that `rast` was made with.
        eye: [B, 3], the cameras' positions, world frame.
        phong: the light, the material and the background.

    Returns:
        [B, H, W, 4]: RGB, not clamped, and coverage, 0 or 1.

    Gradients flow into u and v of `rast`, and into `eye`. On the CPU the results do not depend on the number of
    threads, and `torch.func.jvp` works. On CUDA a Triton kernel shades, where triton is there, and checks no indices.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape, device or index, or attributes that require a gradient.
    """
    attributes = check_tensor("attributes", attributes, ("V", 9), dtypes=FLOATS)
    if attributes.requires_grad:
        raise ValueError("attributes must not require a gradient; use interpolate and tvdrnet_nv.shading.phong for it")
    tri = check_faces(tri, attributes.shape[0], attributes.device)
    rast = check_rast(rast, attributes.dtype, attributes.device)
    eye = check_tensor("eye", eye, (rast.shape[0], 3), dtypes=FLOATS, device=attributes.device)
    check_dtype("eye", eye, "attributes", attributes.dtype)
    return backend_of(attributes).function("shade")(attributes, rast, tri, eye, phong)
