"""Options of a short run, and what a run left on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

FAST = ["--iters", "4", "--image-size", "24"]


def params_of(out: Path) -> dict[str, Any]:
    return json.loads((out / "optimized_params.json").read_text(encoding="utf-8"))


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))
