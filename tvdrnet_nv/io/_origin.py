"""Where the world's origin is put in a file whose coordinates are too far away for float32."""

from __future__ import annotations

import math

import numpy as np

from tvdrnet_nv.mesh import FAR

_SAMPLE = 65536  # faces that are looked at
_STEPS = 16  # steps of float32 along a face's longest edge, below which its shape is seen to be wrong
_SHARE = 0.01  # of the faces, above which it is said


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


def rounding_notes(positions: np.ndarray, faces: np.ndarray, stored: np.ndarray) -> list[str]:
    """A note where float32 cannot hold the shapes of a mesh's faces: as the file has it, or as it is drawn.

    Args:
        positions: [V, 3] float64, relative to the world's origin.
        faces: [F, 3].
        stored: [V, 3], in the file's coordinates and type.
    """
    sample = faces[:: max(1, len(faces) // _SAMPLE)]
    edges = np.abs(positions[sample] - np.roll(positions[sample], 1, axis=1)).max((1, 2))
    if stored.dtype == np.float32:
        lost = _lost(edges, stored[sample])
        if lost:
            return [
                f"{lost}: the file has coordinates so large in float32; export it in float64, or moved to near zero"
            ]
    lost = _lost(edges, positions[sample])
    return [f"{lost}, as something lies far from the rest; remove it"] if lost else []


def _lost(edges: np.ndarray, corners: np.ndarray) -> str:
    """What becomes of faces whose longest edges are `edges` [N] and whose corners [N, 3, 3] are float32; empty where
    they keep their shape."""
    steps = np.spacing(np.abs(corners).max((1, 2)).astype(np.float32)).astype(np.float64)
    coarse = (edges > 0) & (edges < _STEPS * steps)
    if not coarse.mean() > _SHARE:
        return ""
    return f"{coarse.mean():.0%} of its faces lose their shape: their places are rounded to {steps[coarse].max():.2g}"
