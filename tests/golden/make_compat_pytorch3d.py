"""Makes compat_pytorch3d.npz, what PyTorch3D answers to the cases of compat_pytorch3d/. Run it with an interpreter that
has PyTorch3D and numpy:

    REFERENCE/bin/python tests/golden/make_compat_pytorch3d.py
"""

from pathlib import Path

import numpy as np
import pytorch3d
import torch
from compat_pytorch3d.cases import all_cases, save

if __name__ == "__main__":
    path = Path(__file__).parent / "compat_pytorch3d.npz"
    versions = [f"pytorch3d {pytorch3d.__version__}", f"torch {torch.__version__}", f"numpy {np.__version__}"]
    arrays = all_cases()
    save(path, versions, arrays)
    print(f"{path}: {len(arrays)} arrays, {path.stat().st_size / 1000:.0f} kB; {', '.join(versions)}")
