"""Pages that are made whenever the site is: the API, the commands, and files at the repository's top."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from typing import Any

from _site import api
from _site.links import within_site

FOLDER = "generated"


def setup(app: Any) -> dict[str, bool]:
    """Sphinx calls this."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True}


def write_pages(app: Any) -> None:
    """Write the pages, those that have changed; what is of an older state goes."""
    folder = Path(app.srcdir) / FOLDER
    if not (folder / "gallery.md").is_file():
        raise FileNotFoundError(f"{folder}/gallery.md is missing; `make docs` makes it")
    top = Path(app.srcdir).parent
    wanted = {f"api/{name}": text for name, text in api.pages().items()} | {"commands.md": commands()}
    for name in ("CONTRIBUTING.md", "CHANGELOG.md"):
        wanted[name.lower()] = within_site((top / name).read_text("utf-8"), folder, top)
    for old in (folder / "api").glob("*.rst"):
        if f"api/{old.name}" not in wanted:
            old.unlink()
    for name, text in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def commands() -> str:
    """The help of every command as a page."""
    from tvdrnet_nv.cli import COMMANDS

    pages = [("tvdr-nv", help_of()), *((f"tvdr-nv {name}", help_of(name)) for name in COMMANDS)]
    parts = [f"## {title}\n\n```text\n{text.strip()}\n```\n" for title, text in pages]
    return "# The commands\n\nWhat `--help` says of each.\n\n" + "\n".join(parts)


def help_of(*words: str) -> str:
    """The help page of the program or of a command."""
    from tvdrnet_nv.cli import run

    os.environ["COLUMNS"] = "100"
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = run([*words, "--help"])
    if code != 0:
        raise RuntimeError(f"tvdr-nv {' '.join(words)} --help ends with {code}")
    return said.getvalue()
