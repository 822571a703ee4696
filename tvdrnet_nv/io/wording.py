"""Words of messages: counts, and what is wrong with a text that is no JSON."""

from __future__ import annotations

import json


def json_fault(error: ValueError | RecursionError) -> str:
    """Where and why a text is no JSON."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: {error.msg}"
    return "too many brackets within each other" if isinstance(error, RecursionError) else str(error)[:100]


def counted(number: int, one: str, many: str = "") -> str:
    """A number and its noun: "1 face", "1,200 faces"; `many` where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
