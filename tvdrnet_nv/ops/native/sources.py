"""The sources of our CUDA kernels, which come with the package: a GPU's code is made from them where the GPU is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tvdrnet_nv import kernels

_FOLDER = Path(kernels.__file__).parent
_SHARED = ("portable", "device")  # folders of kernels/cpu, to which the includes are relative
_KERNEL = re.compile(r"^TVDR_KERNEL\((\w+), (\w+)\)$", re.MULTILINE)


class Source(NamedTuple):
    """A .cu file.

    Attributes:
        name: the file's.
        text: what it holds.
        kernels: the names of its kernels, each with that of the struct which it takes.
    """

    name: str
    text: str
    kernels: dict[str, str]


@cache
def sources() -> tuple[Source, ...]:
    """All of them."""
    found = []
    for path in sorted((_FOLDER / "cuda").glob("*.cu")):
        text = path.read_text("utf-8")
        found.append(Source(path.name, text, {kernel: job for job, kernel in _KERNEL.findall(text)}))
    return tuple(found)


@cache
def headers() -> dict[str, str]:
    """The files that they may include, by the names in the includes."""
    root = _FOLDER / "cpu"
    return {
        path.relative_to(root).as_posix(): path.read_text("utf-8")
        for folder in _SHARED
        for path in sorted((root / folder).glob("*.hpp"))
    }


def source_of(kernel: str) -> Source:
    """The file that has a kernel.

    Raises:
        RuntimeError: none has.
    """
    for source in sources():
        if kernel in source.kernels:
            return source
    raise RuntimeError(f"there is no kernel {kernel}")
