"""Where the commands print to."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console

from tvdrnet_nv.cli._spelled import spelled

_SILENT = 1.0  # seconds of work without a line, where no terminal shows that it is under way


class Lines(Console):
    """A rich console whose lines have no blanks at their ends in files and pipes, where nobody sees the columns."""

    def print(self, *objects: Any, **how: Any) -> None:
        """As rich's."""
        if self.is_terminal or self.quiet:
            super().print(*objects, **how)
            return
        with self.capture() as captured:
            super().print(*objects, **how)
        self.file.write(re.sub(r" +$", "", captured.get(), flags=re.MULTILINE))
        self.file.flush()


@contextmanager
def working(console: Console, text: str) -> Iterator[None]:
    """Says what is under way: on a terminal while it lasts, elsewhere in a line once it has taken a second."""
    text = spelled(f"{text} …", console.encoding)
    if console.quiet:
        yield
    elif console.is_terminal:
        # The usual spinner's signs are not in ASCII.
        with console.status(text, spinner="line" if console.options.ascii_only else "dots"):
            yield
    else:
        told = threading.Timer(_SILENT, lambda: console.print(text, style="dim", markup=False, soft_wrap=True))
        told.daemon = True
        told.start()
        try:
            yield
        finally:
            told.cancel()
