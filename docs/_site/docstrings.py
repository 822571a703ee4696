"""Docstrings are plain text: a bar in a formula, |x|, is no mark-up of reStructuredText."""

from __future__ import annotations

import re
from typing import Any


def setup(app: Any) -> dict[str, bool]:
    """Sphinx calls this; after napoleon."""
    app.connect("autodoc-process-docstring", plain_bars, priority=600)
    return {"parallel_read_safe": True}


def plain_bars(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Escapes the bars outside of backticks."""
    for number, line in enumerate(lines):
        parts = re.split(r"(`[^`]*`)", line)
        lines[number] = "".join(part if part.startswith("`") else part.replace("|", r"\|") for part in parts)
