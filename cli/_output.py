"""What the commands print."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from tvdrnet_nv.cli._console import Lines


def notes(quiet: bool) -> Console:
    """For all that is not the result: stderr, or nowhere."""
    return Lines(stderr=True, quiet=quiet, highlight=False)


def results(quiet: bool) -> Console:
    """For the result: stdout, or nowhere."""
    return Lines(quiet=quiet, highlight=False)


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    print_json_text(json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False))


def print_json_text(text: str) -> None:
    """A JSON document as it is; where stdout is not in Unicode, with its escapes for what is not ASCII."""
    if not (sys.stdout.encoding or "utf-8").lower().startswith("utf"):
        text = re.sub(r"[^\x00-\x7f]", lambda found: json.dumps(found[0])[1:-1], text)
    # Bytes of a file's name that are no characters are lone surrogates in Python, and escapes in JSON.
    print(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def say_files(console: Console, files: list[Path]) -> None:
    """Which files were written, by name below their folder."""
    say(console, f"Written to {files[0].parent}/", "bold")
    for file in files:
        say(console, f"  {file.name}")


def tell(console: Console, text: str, style: str = "") -> None:
    """A sentence, wrapped between words where the terminal is narrow."""
    console.print(Text(text, style))


def say(console: Console, text: str, style: str = "") -> None:
    """One line as it is: never wrapped, so that paths and commands can be copied; brackets are no markup."""
    console.print(Text(text, style), soft_wrap=True)
