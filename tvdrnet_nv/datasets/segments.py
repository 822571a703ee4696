"""Over-segmentations: the segment of each vertex of a mesh, of which annotators made objects."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tvdrnet_nv.datasets.files import json_object, whole_array


def load_segments(file: Path) -> np.ndarray:
    """int64 [V]: the segment of each vertex, of a file with `segIndices`: ScanNet's .segs.json, 3RScan's, and the like.

    Raises:
        InputError: the file is missing or broken.
    """
    segments = json_object(file, "the segments that the objects are made of").get("segIndices")
    return whole_array(file, "segIndices", segments)
