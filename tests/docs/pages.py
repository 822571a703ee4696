"""The pages of the documentation, and the blocks of code in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
MARK = "not run:"
"""An HTML comment right before a block, `<!-- not run: REASON -->`, says why the tests do not run it."""


@dataclass(frozen=True)
class Block:
    """A fenced or indented block of code: its language, or None if it is indented; why it is not run, or None."""

    page: Path
    line: int
    language: str | None
    code: str
    reason: str | None

    @property
    def place(self) -> str:
        """The page and the line, as a failure names it."""
        return f"{name_of(self.page)}:{self.line}"


def name_of(page: Path) -> str:
    """A page's path in the repository."""
    return page.relative_to(ROOT).as_posix()


def tokens(page: Path) -> list[Token]:
    """A page as CommonMark with GitHub's tables."""
    return MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8"))


def blocks(page: Path) -> list[Block]:
    """A page's blocks of code, in order."""
    found, before = [], None
    for token in tokens(page):
        if token.type in ("fence", "code_block"):
            assert token.map is not None
            language = (token.info.split() or [""])[0] if token.type == "fence" else None
            found.append(Block(page, token.map[0] + 1, language, token.content, _reason(before)))
        before = token
    return found


def inline_code(page: Path) -> list[str]:
    """What stands between backticks in a page's text."""
    children = [child for token in tokens(page) for child in token.children or []]
    return [child.content for child in children if child.type == "code_inline"]


def _reason(before: Token | None) -> str | None:
    if before is None or before.type != "html_block":
        return None
    comment = before.content.strip().removeprefix("<!--").removesuffix("-->").strip()
    return comment.removeprefix(MARK).strip() if comment.startswith(MARK) else None
