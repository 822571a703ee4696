"""Over-segmentations: the segment of each vertex of a mesh, of which annotators made objects."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tvdrnet_nv.datasets.files import check_scene, json_object, whole_array


def load_segments(file: Path, scene: str = "") -> np.ndarray:
    """int64 [V]: the segment of each vertex, of a file with `segIndices`: ScanNet's .segs.json, 3RScan's, and the like.

    Raises:
        InputError: the file is missing or broken, or says that it is of another of ScanNet's scenes than `scene`.
    """
    data = json_object(file, "the segments that the objects are made of")
    check_scene(file, data, scene)
    return whole_array(file, "segIndices", data.get("segIndices"))
