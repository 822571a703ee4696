"""Refuses a wheel that holds what only a developer needs, or that is not for the Pythons that it should be for.

python .ci/wheel_contents.py WHEEL
"""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

TREE = Path(__file__).resolve().parents[1]
NEEDED = (
    "__init__.py",
    "py.typed",
    "cli/__init__.py",
    "ops/__init__.py",
    "kernels/_cpu.pyi",
    "benchmarks/__init__.py",
    "grounding/data/things.txt",
    "report/page/page.css",
    "report/page/page.js",
)
# What NVRTC compiles where the GPU is.
GPU_SOURCE = re.compile(r"^tvdrnet_nv/kernels/(cuda/\w+\.cu|cpu/(portable|device)/\w+\.hpp)$")
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
# Sources, scripts, tests and their helpers, notes. What the bench command compares with is a user's, too: the recorded
# images in benchmarks/parity/golden.
UNWANTED = re.compile(
    r"\.(cpp|hpp|cu|sh|md|o|a|yml|yaml)$|(^|/)(tests?|sanitize|results)/|(^|/)(test_\w+|conftest|make_\w+)\.py$"
    r"|requirements\.txt$|CMakeLists"
)


def problems(wheel: Path) -> list[str]:
    """What is wrong with the wheel, one sentence each."""
    archive = zipfile.ZipFile(wheel)
    names = archive.namelist()
    unwanted = (name for name in names if UNWANTED.search(name) and not GPU_SOURCE.match(name))
    found = [f"{name} is for developers only" for name in unwanted]
    found += missing_gpu_sources(archive)
    found += [f"{name} is there twice" for name in sorted({name for name in names if names.count(name) > 1})]
    found += [f"tvdrnet_nv/{name} is missing" for name in NEEDED if f"tvdrnet_nv/{name}" not in names]
    modules = [name for name in names if re.fullmatch(r"tvdrnet_nv/kernels/_cpu\..*(so|pyd)", name)]
    stable = "-abi3-" in wheel.name
    if len(modules) != 1:
        found.append(f"it has {len(modules)} native modules instead of one")
    elif stable != ("abi3" in modules[0]):
        found.append(f"{modules[0]} does not fit the name {wheel.name}")
    if stable == ("-cp311-cp311-" in wheel.name):
        found.append(f"{wheel.name} is neither for CPython 3.11 nor for the stable ABI")
    found += [
        f"{top} takes a top-level name"
        for top in sorted({name.split("/")[0] for name in names})
        if not top.startswith("tvdrnet_nv")
    ]
    return found


def missing_gpu_sources(archive: zipfile.ZipFile) -> list[str]:
    """Which of the CUDA kernels' sources are not there: those of this tree, and what they include."""
    names = set(archive.namelist())
    wanted = {f"tvdrnet_nv/kernels/cuda/{path.name}" for path in (TREE / "kernels" / "cuda").glob("*.cu")}
    for name in filter(GPU_SOURCE.match, names):
        wanted |= {f"tvdrnet_nv/kernels/cpu/{header}" for header in INCLUDE.findall(archive.read(name).decode())}
    return [f"{name}, which NVRTC compiles, is missing" for name in sorted(wanted - names)]


if __name__ == "__main__":
    wheel = Path(sys.argv[1])
    found = problems(wheel)
    for problem in found:
        print(f"{wheel.name}: {problem}", file=sys.stderr)
    sys.exit(1 if found else 0)
