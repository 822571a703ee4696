"""transform: vertices through clip matrices. Ours; not in nvdiffrast."""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.ops.arguments import FLOATS, check_dtype, check_tensor
from tvdrnet_nv.ops.backends import backend_of


def transform(vertices: Tensor, matrices: Tensor) -> Tensor:
    """Return matrix · vertex for each camera and vertex, as column vectors: clip positions for `rasterize`.

    Args:
        vertices: [V, 3], or homogeneous [V, 4], world frame.
        matrices: [B, 4, 4], of the dtype and on the device of `vertices`.

    Returns:
        [B, V, 4], (x, y, z, w). Gradients flow into both, forward mode included. On CUDA, where triton is there, they
        are summed without atomics: the same bits every time, and for a camera the same whatever else is in the batch.

    Raises:
        TypeError: an argument of the wrong type or dtype.
        ValueError: a wrong shape or device.
    """
    vertices = check_tensor("vertices", vertices, ("V", 3), ("V", 4), dtypes=FLOATS)
    matrices = check_tensor("matrices", matrices, ("B", 4, 4), dtypes=FLOATS, device=vertices.device)
    check_dtype("matrices", matrices, "vertices", vertices.dtype)
    return backend_of(vertices).function("transform")(vertices, matrices)
