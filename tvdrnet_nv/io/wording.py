"""Words of messages."""

from __future__ import annotations

NO_FILE = "is a pipe or a device, not a file; copy what it gives into a file"
"""What is said of a path that could be read from for ever."""


def counted(number: int, one: str, many: str = "") -> str:
    """A number and its noun: "1 face", "1,200 faces"; `many` where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
