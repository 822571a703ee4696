"""Docstrings are plain text with names between backticks; what reStructuredText would read otherwise is escaped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

CODE = re.compile(r"(`[^`]*`)")
PAGE = re.compile(r"\bdocs/(\w+)\.md\b")


def setup(app: Any) -> dict[str, bool]:
    """Sphinx calls this; after napoleon."""
    app.connect("autodoc-process-docstring", as_meant, priority=600)
    return {"parallel_read_safe": True}


def as_meant(app: Any, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Escapes bars, |x|, and the ends of code before a letter, `Viewpoint`s; docs/NAME.md becomes a link."""

    def link(found: re.Match[str]) -> str:
        return f":doc:`{found[0]} </{found[1]}>`" if Path(app.srcdir, f"{found[1]}.md").is_file() else found[0]

    for number, line in enumerate(lines):
        parts = CODE.split(line)
        for place, part in enumerate(parts):
            if not part.startswith("`"):
                plain = PAGE.sub(link, part.replace("|", r"\|"))
                parts[place] = rf"\ {plain}" if place and re.match(r"\w", plain) else plain
        lines[number] = "".join(parts)
