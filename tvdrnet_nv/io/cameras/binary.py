"""Reading a binary file that says itself how much follows."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from tvdrnet_nv.errors import InputError
from tvdrnet_nv.io.cameras.files import read_bytes


class Stream:
    """A binary file from its beginning on; no count in it makes more memory than the file has bytes."""

    def __init__(self, path: Path) -> None:
        self.path, self.data, self.at = path, read_bytes(path), 0

    def take(self, layout: str) -> tuple[Any, ...]:
        size = struct.calcsize(layout)
        self.skip(size)
        return struct.unpack_from(layout, self.data, self.at - size)

    def count(self, least: int) -> int:
        (found,) = self.take("<Q")
        if found * least > len(self.data) - self.at:
            raise InputError(f"{self.path}: is damaged: says that {found} entries follow, and is too short for them")
        return int(found)

    @property
    def left(self) -> int:
        """How many bytes follow."""
        return len(self.data) - self.at

    def skip(self, size: int) -> None:
        if size > len(self.data) - self.at:
            raise InputError(f"{self.path}: is truncated at byte {len(self.data)}; copy it again")
        self.at += size

    def text(self) -> str:
        end = self.data.find(b"\0", self.at)
        if end < 0:
            raise InputError(f"{self.path}: is truncated within a name; copy it again")
        found, self.at = self.data[self.at : end], end + 1
        return found.decode("utf-8", errors="surrogateescape")  # of a file
