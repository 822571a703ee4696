"""Compiled kernels, kept on disk: a process compiles only what none before it has."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tvdrnet_nv.kept import kept
from tvdrnet_nv.ops.native.compiler import Compiler
from tvdrnet_nv.ops.native.sources import Source

KERNELS = "kernels"


def compiled(compiler: Compiler, source: Source, architecture: str) -> bytes:
    """A compiled source, from the disk where it is there: see `tvdrnet_nv.kept`.

    The file's name holds a hash of the sources, the compiler's version and its options.

    Raises:
        RuntimeError: it does not compile.
    """
    key = hashlib.sha256(compiler.key(source, architecture).encode()).hexdigest()[:32]
    name = f"{Path(source.name).stem}-{architecture}-{key}.bin"
    return kept(KERNELS, name, lambda: compiler.compiled(source, architecture))
