"""Compiled kernels, kept on disk: a process compiles only what none before it has."""

from __future__ import annotations

import hashlib
import os
import warnings
from pathlib import Path

from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.ops.native.compiler import Compiler
from tvdrnet_nv.ops.native.sources import Source

_DIGEST = 32  # bytes of SHA-256, with which a file begins


def folder() -> Path:
    """Where they are kept: tvdrnet_nv/kernels in XDG_CACHE_HOME, or in ~/.cache.

    Raises:
        RuntimeError: there is no home.
    """
    given = os.environ.get("XDG_CACHE_HOME")
    return (Path(given) if given else Path.home() / ".cache") / "tvdrnet_nv" / "kernels"


def compiled(compiler: Compiler, source: Source, architecture: str) -> bytes:
    """A compiled source, from the disk where it is there.

    The file's name holds a hash of the sources, the compiler's version and its options. A file that is not whole is
    not taken.

    Raises:
        RuntimeError: it does not compile.
    """
    key = hashlib.sha256(compiler.key(source, architecture).encode()).hexdigest()[:32]
    try:
        path = folder() / f"{Path(source.name).stem}-{architecture}-{key}.bin"
    except RuntimeError as error:
        _warn(str(error))
        return compiler.compiled(source, architecture)
    kept = _read(path)
    if kept is None:
        kept = compiler.compiled(source, architecture)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(path) as temporary:
                temporary.write_bytes(hashlib.sha256(kept).digest() + kept)
        except OSError as error:
            _warn(f"{path.parent}: {error.strerror or error}")
    return kept


def _read(path: Path) -> bytes | None:
    """What a file holds; None where it is not there, or not whole."""
    try:
        held = path.read_bytes()
    except OSError:
        return None  # compiled anew; a folder that cannot be read cannot be written either, which is said
    digest, image = held[:_DIGEST], held[_DIGEST:]
    return image if hashlib.sha256(image).digest() == digest else None


def _warn(reason: str) -> None:
    warnings.warn(
        f"compiled CUDA kernels cannot be kept ({reason}), so that each process compiles them again; "
        "set XDG_CACHE_HOME to a folder that can be written",
        RuntimeWarning,
        stacklevel=3,
    )
