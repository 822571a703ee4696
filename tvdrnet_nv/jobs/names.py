"""Names of files and folders."""

from __future__ import annotations

from collections.abc import Iterable


def distinct(names: Iterable[str]) -> list[str]:
    """The names in their order, all different: the second of a name has _2 behind it."""
    found: dict[str, None] = {}  # in order
    for base in names:
        name, count = base, 1
        while name in found:
            count += 1
            name = f"{base}_{count}"
        found[name] = None
    return list(found)
