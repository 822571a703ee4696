"""Words of messages."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """A number and its noun: "1 face", "1,200 faces"; `many` where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
