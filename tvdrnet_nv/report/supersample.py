"""Several samples in a pixel: the same camera, shifted by parts of a pixel."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tvdrnet_nv.camera import Camera


def jittered(camera: Camera, resolution: tuple[int, int], samples: int) -> Iterator[Camera]:
    """The cameras whose pictures' mean has `samples` samples in each pixel, on an even grid.

    Args:
        camera: B cameras.
        resolution: (height, width) of the pictures.
        samples: a square number; of 1, the camera itself.
    """
    side = math.isqrt(samples)
    if side < 1 or side * side != samples:
        raise ValueError(f"samples must be a square number, such as 16; got {samples}")
    half = min(resolution) / 2
    for row in range(side):
        for column in range(side):
            shift = camera.principal.new_tensor([(k + 0.5) / side - 0.5 for k in (column, row)]) / half
            yield camera if side == 1 else camera.replace(principal=camera.principal + shift)
