"""JSON, with a word on where it is none."""

from __future__ import annotations

import json
from typing import Any


def parse_json(text: str | bytes) -> Any:
    """The values of a text; bytes are UTF-8 or UTF-16, with a byte order mark or without.

    NaN and infinity come as floats, and are refused where a number is used.

    Raises:
        ValueError: it is no JSON, or an object has a key twice with different values. The message says where.
    """
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise ValueError(f"is not JSON, or is truncated ({where})") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"is not JSON (byte {error.start} is no {error.encoding})") from error
    except RecursionError as error:
        raise ValueError("is not JSON (too many brackets within each other)") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found and repr(found[key]) != repr(value):
            raise ValueError(f"has the key {key[:40]!r} twice, with different values; remove one")
        found[key] = value
    return found
