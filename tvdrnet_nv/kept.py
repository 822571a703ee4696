"""What takes long to make, kept on disk: a process makes only what none before it has."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Callable
from pathlib import Path

from tvdrnet_nv.atomic import atomic_path

_DIGEST = 32  # bytes of SHA-256, with which a file begins


def kept_folder(kind: str) -> Path:
    """Where things of a kind are kept: tvdrnet_nv/KIND in XDG_CACHE_HOME, or in ~/.cache.

    Raises:
        RuntimeError: there is no home.
    """
    given = os.environ.get("XDG_CACHE_HOME")
    return (Path(given) if given else Path.home() / ".cache") / "tvdrnet_nv" / kind


def kept(kind: str, name: str, make: Callable[[], bytes]) -> bytes:
    """What `make` makes, from the disk where it is there; a file that is not whole is not taken.

    Where it cannot be kept, a RuntimeWarning says why.

    Args:
        kind: the folder, in lower case; a warning names it.
        name: the file; it holds a hash of everything that the content depends on.
        make: makes the content, any number of bytes.
    """
    try:
        path = kept_folder(kind) / name
    except RuntimeError as error:
        _warn(kind, str(error))
        return make()
    found = _read(path)
    if found is None:
        found = make()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_path(path) as temporary:
                temporary.write_bytes(hashlib.sha256(found).digest() + found)
        except OSError as error:
            _warn(kind, f"{path.parent}: {error.strerror or error}")
    return found


def _read(path: Path) -> bytes | None:
    """What a file holds; None where it is not there, or not whole."""
    try:
        held = path.read_bytes()
    except OSError:
        return None  # made anew; a folder that cannot be read cannot be written either, which is said
    digest, content = held[:_DIGEST], held[_DIGEST:]
    return content if hashlib.sha256(content).digest() == digest else None


def _warn(kind: str, reason: str) -> None:
    warnings.warn(
        f"{kind} cannot be kept ({reason}), so that each process makes them again; "
        "set XDG_CACHE_HOME to a folder that can be written",
        RuntimeWarning,
        stacklevel=3,
    )
