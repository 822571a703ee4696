"""Native kernels. `_cpu` is the C++ extension module; `tvdrnet_nv.ops` is its only caller."""

import sys
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path

# The source tree has no compiled module. Where Python starts in it, it hides an installed package, which lends its own.
if find_spec(f"{__name__}._cpu") is None:
    _installed = PathFinder.find_spec("_cpu", [str(Path(entry, "tvdrnet_nv", "kernels")) for entry in sys.path])
    if _installed is None or _installed.origin is None:
        _tree = Path(__file__).resolve().parents[1]
        raise ImportError(
            f"the kernels are not compiled: type `make` in {_tree} and use its .venv/bin/python, or "
            f"`pip install {_tree}`"
        )
    __path__.append(str(Path(_installed.origin).parent))
