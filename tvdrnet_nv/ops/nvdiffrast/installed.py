"""Which nvdiffrast is installed, and what speaks against using it. Imports none of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

# NVIDIA's own package, of 0.4 and later from its repository, and 0.3 as somebody put it on PyPI. Both install a package
# `nvdiffrast`.
PACKAGES = ("nvdiffrast", "diffrp-nvdiffrast")
OLDEST = (0, 3, 3)  # the first that takes images of any height and width, and large ones

INSTALL = (
    "pip install setuptools wheel ninja && pip install --no-build-isolation "
    "git+https://github.com/NVlabs/nvdiffrast.git@v0.4.0 (with nvcc; licensed for non-commercial use only)"
)

# Marks the modules that stand for nvdiffrast in `sys.modules`.
STAND_IN = "_stands_for_nvdiffrast"


def versions() -> dict[str, str]:
    """The installed packages' versions, by name."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def why_unusable() -> str | None:
    """Why what is installed, or is not, cannot be used, and what to do, in one sentence; None where it can."""
    found = versions()
    if len(found) > 1:
        both = " and ".join(f"{name} {number}" for name, number in found.items())
        return (
            f"{both} are installed, one over the other; "
            f"pip uninstall {' '.join(found)}, and then install nvdiffrast alone: {INSTALL}"
        )
    with stand_ins_aside():
        if find_spec("nvdiffrast") is None:
            return f"nvdiffrast is not installed; {INSTALL}"
    for name, number in found.items():
        if _numbers(number) < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            return f"{name} {number} is older than {oldest}; pip uninstall {name}, and then: {INSTALL}"
    return None


@contextmanager
def stand_ins_aside() -> Iterator[None]:
    """Within the block `import nvdiffrast` finds NVIDIA's, also where ours stands in its place in `sys.modules`."""
    stand_ins = {name: module for name, module in sys.modules.items() if hasattr(module, STAND_IN)}
    for name in stand_ins:
        del sys.modules[name]
    try:
        yield
    finally:
        sys.modules.update(stand_ins)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)[:3]))
