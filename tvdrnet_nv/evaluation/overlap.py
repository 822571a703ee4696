"""How much two masks or two boxes overlap: intersection over union."""

from __future__ import annotations

import numpy as np


def mask_iou(truth: np.ndarray, found: np.ndarray) -> float:
    """Intersection over union of two masks bool [V]; 0 where both are empty.

    Raises:
        ValueError: the masks have different shapes.
    """
    if truth.shape != found.shape:
        raise ValueError(f"masks have different shapes, {list(truth.shape)} and {list(found.shape)}")
    union = int(np.count_nonzero(truth | found))
    return int(np.count_nonzero(truth & found)) / union if union else 0.0


def box_iou(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two axis-aligned boxes, [2, 3] each: the least and the greatest corner.

    The volume of their common part over the volume of their union; 0 where the union has no volume.
    """
    common = np.prod(np.clip(np.minimum(a[1], b[1]) - np.maximum(a[0], b[0]), 0, None))
    union = np.prod(a[1] - a[0]) + np.prod(b[1] - b[0]) - common
    return float(common / union) if union > 0 else 0.0


def box_of_points(points: np.ndarray) -> np.ndarray | None:
    """float64 [2, 3]: the axis-aligned box around points [N, 3], of which those with NaN are left out; None of none."""
    known = points[~np.isnan(points).any(1)]
    return np.stack([known.min(0), known.max(0)]).astype(np.float64) if len(known) else None


def box_corners(box: np.ndarray) -> np.ndarray:
    """float64 [8, 3]: the corners of a box [2, 3]; x changes slowest, z fastest."""
    return np.array([[x, y, z] for x in box[:, 0] for y in box[:, 1] for z in box[:, 2]], dtype=np.float64)
