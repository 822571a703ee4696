"""Scenes that stay in memory from one job to the next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tvdrnet_nv.mesh import Mesh


class KeptMeshes:
    """The meshes that were loaded last, by what they were loaded from."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._meshes: dict[Hashable, Mesh] = {}

    def get(self, key: Hashable, load: Callable[[], Mesh]) -> Mesh:
        """The mesh of a key, loaded where it is not kept. Threads that ask for the same wait for one another."""
        with self._lock:
            mesh = self._meshes.pop(key, None) or load()
            self._meshes[key] = mesh  # as the one that was used last
            while len(self._meshes) > self._most:
                del self._meshes[next(iter(self._meshes))]
            return mesh


_open: list[KeptMeshes] = []


@contextmanager
def kept_meshes(most: int = 1) -> Iterator[None]:
    """While it is open, the jobs of this process keep the meshes that they load, at most so many.

    A file that has changed is loaded again. Opened twice, the inner one counts.

    Args:
        most: how many; the one that was used longest ago goes first.
    """
    _open.append(KeptMeshes(most))
    try:
        yield
    finally:
        _open.pop()


def kept(file: Path, made_with: Hashable, load: Callable[[], Mesh]) -> Mesh:
    """The mesh of a file, from memory where `kept_meshes` is open.

    Args:
        file: what `load` reads.
        made_with: what else the mesh depends on.
        load: loads it.
    """
    if not _open:
        return load()
    try:
        state = file.stat()
    except OSError:  # the loader says what is wrong
        return load()
    key = (file.resolve(), state.st_size, state.st_mtime_ns, made_with)
    return _open[-1].get(key, load)
