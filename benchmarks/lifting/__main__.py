"""`python -m tvdrnet_nv.benchmarks.lifting [SCENE] [--quick]`: its rows, one JSON object a line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch

from tvdrnet_nv.benchmarks.lifting import lifting_rows, lifting_speed

if __name__ == "__main__":
    quick, scenes = "--quick" in sys.argv, [Path(word) for word in sys.argv[1:] if not word.startswith("-")]
    device, passed = torch.device("cpu"), True
    if "--speed" in sys.argv:
        rows = lifting_speed(device, repeats=1 if quick else 3)
    else:
        scene = scenes[0] if scenes else None
        rows = lifting_rows(device, scene=scene, quick=quick, progress=lambda text: print(text, file=sys.stderr))
    for row in rows:
        print(json.dumps({k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}), flush=True)
        passed &= row.get("passed", True)
    sys.exit(0 if passed else 1)
