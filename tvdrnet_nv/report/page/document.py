"""A page's frame, and the pieces of text in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path

_MIDDLE_DOT = " · "


def write_document(path: Path, title: str, parts: Iterable[str]) -> None:
    """Write one HTML file with style and script in it.

    Args:
        path: the file.
        title: of the window; it is escaped.
        parts: HTML, one below the other. Their texts must be escaped already.
    """
    # The browser itself holds that nothing is fetched.
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    head = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        f"<title>{escape(title)}</title>",
        f"<style>{_resource('page.css')}</style></head><body><main>",
    ]
    end = f"</main><script>{_resource('page.js')}</script></body></html>"
    # Bytes of a file's name that are no characters are escaped.
    text = "\n".join([*head, *parts, end, ""])
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


def section(title: str, *parts: str) -> str:
    """A heading and what stands below it; nothing where that is empty."""
    body = "\n".join(part for part in parts if part)
    return f"<section><h2>{escape(title)}</h2>\n{body}\n</section>" if body else ""


def note(*texts: str) -> str:
    """A line of less weight."""
    return f'<p class="note">{escape(_MIDDLE_DOT.join(text for text in texts if text))}</p>'


def code(text: str, name: str, label: str, *, wrap: bool = False) -> str:
    """A text to be copied, with a button for it.

    Args:
        text: the text.
        name: of the element, once in a page.
        label: what is copied, for those who hear the button.
        wrap: break long lines, as of a command.
    """
    style = "code wrap" if wrap else "code"
    button = f'<button type="button" data-copy="{name}" aria-label="Copy: {escape(label, quote=True)}">Copy</button>'
    return f'<div class="{style}">{button}<pre id="{name}" tabindex="0">{escape(text)}</pre></div>'


def folded(title: str, *parts: str, is_open: bool = False) -> str:
    """What is shown when its title is clicked."""
    state = " open" if is_open else ""
    return f"<details{state}><summary>{escape(title)}</summary><div>{''.join(parts)}</div></details>"


def facts(rows: Mapping[str, str]) -> str:
    """Names and values in two columns."""
    lines = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in rows.items()
    )
    return f'<div class="scroll"><table>{lines}</table></div>' if lines else ""


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with a row of headings."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'


def warnings_box(texts: Sequence[str]) -> str:
    """What is wrong with a view; nothing where nothing is."""
    if not texts:
        return ""
    lines = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f'<section class="warnings"><h2>Warnings</h2><ul>{lines}</ul></section>'


@cache
def _resource(name: str) -> str:
    return files("tvdrnet_nv.report.page").joinpath(name).read_text("utf-8")
