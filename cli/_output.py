"""What the commands say, and where they put files."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


def notes(quiet: bool) -> Console:
    """For all that is not the result: stderr, or nowhere."""
    return Console(stderr=True, quiet=quiet, highlight=False)


def results(quiet: bool) -> Console:
    """For the result: stdout, or nowhere."""
    return Console(quiet=quiet, highlight=False)


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    print_json_text(json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False))


def print_json_text(text: str) -> None:
    """A JSON document as it is; where stdout is not in Unicode, with its escapes for what is not ASCII."""
    if not (sys.stdout.encoding or "utf-8").lower().startswith("utf"):
        text = re.sub(r"[^\x00-\x7f]", lambda found: json.dumps(found[0])[1:-1], text)
    print(text)


def tell(console: Console, text: str, style: str = "") -> None:
    """A sentence, wrapped between words where the terminal is narrow."""
    console.print(Text(text, style))


def say(console: Console, text: str, style: str = "") -> None:
    """One line as it is: never wrapped, so that paths and commands can be copied; brackets are no markup."""
    console.print(Text(text, style), soft_wrap=True)


def facts_table(rows: list[tuple[str, str]]) -> Padding:
    """Names and values in two columns."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, Text(value))
    return Padding(table, (0, 0, 0, 2), expand=False)


def new_folder(command: str) -> Path:
    """A folder name of this moment that nothing has yet: tvdr-nv-optimize-20250131-235959."""
    stem = time.strftime(f"tvdr-nv-{command}-%Y%m%d-%H%M%S")
    candidates = (Path(stem if count == 1 else f"{stem}-{count}") for count in range(1, 1_000_000))
    return next(path for path in candidates if not path.exists())
