"""Where the world's origin is put in a file whose coordinates are too far away for float32."""

from __future__ import annotations

import math

import numpy as np

from tvdrnet_nv.mesh import FAR


def world_origin(low: np.ndarray, high: np.ndarray) -> tuple[float, float, float]:
    """The world's origin in the file's coordinates: zero, where the scene is near enough to it.

    Where it is not, each coordinate whose middle is farther than `FAR` radii becomes the nearest multiple of the power
    of two below the radius. In binary such a number is short, so that subtracting it costs no digit.

    Args:
        low: [3] float64, the lower corner of the scene's bounds in the file's coordinates.
        high: [3] float64, the upper one.
    """
    center, radius = (low + high) / 2, float(np.linalg.norm(high - low) / 2)
    if not (radius > 0 and math.isfinite(radius)):
        return 0.0, 0.0, 0.0
    step = 2.0 ** math.floor(math.log2(radius))
    far = np.abs(center) > FAR * radius
    x, y, z = np.where(far, np.round(center / step) * step, 0.0).tolist()
    return x, y, z
