"""Signs that an encoding lacks, spelled in it: `x` for ×, `deg` for °."""

from __future__ import annotations

import codecs
import io
import sys

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
_HANDLER = "tvdr-nv.spelled"


def spell_on_standard_streams() -> None:
    """From now on stdout and stderr take every text: what their encoding lacks is spelled, or "?"."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def spelled(text: str, encoding: str) -> str:
    """The text as a stream of the encoding will show it: what is laid out in columns must be of its final width."""
    return text.encode(encoding, _HANDLER).decode(encoding)


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_SPELLINGS.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


codecs.register_error(_HANDLER, _spell)
