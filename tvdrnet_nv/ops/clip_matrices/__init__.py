"""clip_matrices: from cameras to their clip matrices and positions. Ours; not in nvdiffrast."""

from __future__ import annotations

from torch import Tensor

from tvdrnet_nv.ops.backends import backend_of

Pinholes = tuple[Tensor, Tensor, Tensor, Tensor]


def clip_matrices(cameras: Pinholes, scales: tuple[float, float, float, float]) -> tuple[Tensor, Tensor]:
    """World to clip space, and where cameras stand; on the CPU in one call, as `orbit_view`.

    Args:
        cameras: R [B, 3, 3], T [B, 3], focal [B, 2] and principal [B, 2] in half shorter sides; of one float dtype.
        scales: what turns half shorter sides into clip units along x and y, and (a, b) with clip z = a depth + b.

    Returns:
        [B, 4, 4], column vectors, and [B, 3], world frame. Differentiable, forward mode and second derivatives
        included.
    """
    return backend_of(cameras[0]).function("clip_matrices")(cameras, scales)
