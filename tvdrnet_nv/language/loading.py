"""What loaders of models share."""

from __future__ import annotations


def reason_of(error: Exception) -> str:
    """An error of a library in one line: its first, or its class where it says nothing."""
    lines = str(error).strip().splitlines()
    return (lines or [type(error).__name__])[0].strip().rstrip(".:")
