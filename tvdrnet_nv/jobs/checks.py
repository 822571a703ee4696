"""Checks of a job's fields that need no file.

A message puts the name of a field in backticks: "`fov` 180: wanted more than 0 and less than 180".
"""

from __future__ import annotations

import math
import numbers
import os
import struct
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from tvdrnet_nv.errors import InputError


class Limit(NamedTuple):
    """Which numbers a field takes.

    Attributes:
        text: the same in words.
        holds: whether a finite number is one of them.
        whole: whether only whole numbers are.
    """

    text: str
    holds: Callable[[float], bool]
    whole: bool = False


POSITIVE = Limit("a number above 0", lambda value: value > 0)
COUNT = Limit("1 or more", lambda value: value >= 1, whole=True)
# numpy's generators take no negative seed, torch's none of more than 63 bits.
SEED = Limit("0 to 2^63 - 1", lambda value: 0 <= value < 2**63, whole=True)


def check_numbers(values: Mapping[str, Any], limits: Mapping[str, Limit]) -> None:
    """Raise InputError for the first value that is not None and not within its field's limit."""
    for name, limit in limits.items():
        value = values[name]
        if value is None:
            continue
        number = _number(value, whole=limit.whole)
        if number is None or not limit.holds(number):
            given = value if limit.whole or number is None else f"{number:g}"
            raise InputError(f"`{name}` {given}: wanted {limit.text}")


def _number(value: Any, *, whole: bool) -> float | None:
    """What torch would make of a value, to which 179.9999999 is 180; None for infinity, NaN and what is no number."""
    kind: type = numbers.Integral if whole else numbers.Real
    if isinstance(value, bool) or not isinstance(value, kind):
        return None
    number = int(value) if whole else single(value)
    return number if whole or math.isfinite(number) else None


def check_triple(name: str, values: Iterable[float] | None, limit: Limit) -> None:
    """Raise InputError unless `values` is None or three numbers within a limit."""
    if values is None:
        return
    given = tuple(values) if isinstance(values, Iterable) and not isinstance(values, str) else (values,)
    found = [_number(value, whole=False) for value in given]
    if len(given) != 3 or not all(number is not None and limit.holds(number) for number in found):
        raise InputError(f"`{name}` {' '.join(map(str, given))}: wanted {limit.text}")


def check_choice(name: str, value: str | None, choices: Iterable[str]) -> None:
    """Raise InputError unless `value` is None or one of the choices."""
    if value is not None and value not in tuple(choices):
        raise InputError(f"`{name}` {value}: choose from {', '.join(choices)}")


def check_paths(values: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise InputError for the first value that is neither None nor a path."""
    for name in names:
        if values[name] is not None and not isinstance(values[name], (str, os.PathLike)):
            raise InputError(f"`{name}` {values[name]}: wanted the path of a file or a folder")


def check_switches(values: Mapping[str, Any], names: Iterable[str]) -> None:
    """Raise InputError for the first value that is neither None nor True nor False."""
    for name in names:
        if values[name] is not None and not isinstance(values[name], bool):
            raise InputError(f"`{name}` {values[name]}: wanted True or False")


def single(value: float) -> float:
    """The number in the library's precision, float32: 1e39 is infinite there, and 179.9999999 is 180."""
    try:
        return struct.unpack("f", struct.pack("f", float(value)))[0]
    except OverflowError:
        return math.inf
