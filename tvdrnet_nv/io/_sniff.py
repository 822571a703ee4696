"""What a file is that is not what its name says, by its first bytes."""

from __future__ import annotations

_UNPACK = "; unpack it first"
_KINDS = (
    (b"version https://git-lfs", "a pointer of Git LFS in place of the file; type `git lfs pull`"),
    (b"\x1f\x8b", f"packed with gzip{_UNPACK}"),
    (b"BZh", f"packed with bzip2{_UNPACK}"),
    (b"\xfd7zXZ", f"packed with xz{_UNPACK}"),
    (b"\x28\xb5\x2f\xfd", f"packed with zstd{_UNPACK}"),
    (b"PK\x03\x04", f"a zip archive{_UNPACK}"),
    (b"7z\xbc\xaf", f"a 7-Zip archive{_UNPACK}"),
    (b"<!doctype html", "a web page; download the file itself"),
    (b"<html", "a web page; download the file itself"),
)
LONGEST = 64
"""How many of the first bytes are looked at."""


def other_kind(head: bytes) -> str | None:
    """What a file that begins with `head` is, and what to do; None for anything but packed files and stand-ins."""
    low = head[:LONGEST].lstrip().lower()
    return next((what for start, what in _KINDS if head.startswith(start) or low.startswith(start)), None)
