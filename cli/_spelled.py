"""Signs that an encoding lacks, spelled in it: `x` for ×, `deg` for °."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Callable, Mapping

_SPELLINGS = {
    "×": "x",
    "°": " deg",
    "±": "+-",
    "·": "*",
    "²": "^2",
    "µ": "u",
    "σ": "sigma",
    "−": "-",
    "–": "-",
    "—": "-",
    "…": "...",
    "→": "->",
    "←": "<-",
    "≤": "<=",
    "≥": ">=",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "✓": "ok",
    "✗": "no",
}
# How the standard streams take what they lack.
_WITH_QUESTION_MARKS, _WITH_BYTES = "tvdr-nv.spelled", "tvdr-nv.spelled-or-bytes"
_C = ("C", "POSIX")


_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")  # what Python itself makes of LC_CTYPE where LANG is C


def spell_on_standard_streams() -> None:
    """From now on stdout and stderr take every text: what their encoding lacks is spelled, or "?".

    Where the locale is C, Python writes UTF-8 nevertheless. There signs are spelled, and the letters of files' names
    stay the bytes that they are.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if in_c_locale(os.environ):
                stream.reconfigure(encoding="ascii", errors=_WITH_BYTES)
            else:
                stream.reconfigure(errors=_WITH_QUESTION_MARKS)


def in_c_locale(surroundings: Mapping[str, str]) -> bool:
    """Whether somebody has chosen the locale C, and nothing else for Python.

    Args:
        surroundings: the environment's variables.
    """
    if surroundings.get("PYTHONIOENCODING") or surroundings.get("PYTHONUTF8") == "1":
        return False
    whole, letters, usual = (surroundings.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    if letters in _COERCED and usual in _C:
        letters = usual
    return (whole or letters or usual) in _C


def spelled(text: str, encoding: str) -> str:
    """The text as a stream of the encoding will show it: what is laid out in columns must be of its final width."""
    lacking = _WITH_BYTES if getattr(sys.stdout, "errors", None) == _WITH_BYTES else _WITH_QUESTION_MARKS
    return text.encode(encoding, lacking).decode(encoding, "surrogateescape")


def _spell(error: UnicodeError, otherwise: Callable[[str], bytes]) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    found = (_SPELLINGS[sign].encode() if sign in _SPELLINGS else otherwise(sign) for sign in signs)
    return b"".join(found), error.end


codecs.register_error(_WITH_QUESTION_MARKS, lambda error: _spell(error, lambda sign: b"?"))
codecs.register_error(_WITH_BYTES, lambda error: _spell(error, lambda sign: sign.encode("utf-8", "surrogateescape")))
