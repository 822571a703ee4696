"""What an op says when it refuses."""

from __future__ import annotations

from collections.abc import Callable


def message_of(kind: type[Exception], call: Callable[[], object]) -> str:
    """The message of the error of that kind which `call` raises; it must raise one."""
    try:
        call()
    except kind as error:
        return str(error)
    raise AssertionError(f"nothing was raised, wanted a {kind.__name__}")
