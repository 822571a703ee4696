"""Links between the Markdown pages lead somewhere, on GitHub as in the site, and index.md lists every page."""

from __future__ import annotations

import os
import re
import tomllib
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, name_of, tokens

LINKED = [*PAGES, ROOT / "CHANGELOG.md"]


def links_of(page: Path) -> list[str]:
    """Where a page's links and pictures lead, within the repository."""
    children = [child for token in tokens(page) for child in token.children or []]
    found = [
        str(child.attrGet("href") or child.attrGet("src"))
        for child in children
        if child.type.endswith(("open", "image"))
    ]
    return [link for link in found if link != "None" and not re.match(r"[a-z]+:", link)]


def anchors_of(page: Path) -> set[str]:
    """The anchors that GitHub gives to a page's headings."""
    found: Counter[str] = Counter()
    anchors = set()
    parsed = tokens(page)
    for before, token in pairwise(parsed):
        if before.type == "heading_open":
            words = "".join(child.content for child in token.children or [])
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            anchors.add(slug if not found[slug] else f"{slug}-{found[slug]}")
            found[slug] += 1
    return anchors


@pytest.mark.parametrize("page", LINKED, ids=name_of)
def test_every_link_leads_to_a_file_and_to_a_heading_of_it(page: Path) -> None:
    for link in links_of(page):
        path, _, anchor = link.partition("#")
        target = Path(os.path.normpath(page.parent / path)) if path else page
        assert target.exists(), f"{name_of(page)}: {link}: there is no such file"
        assert target.is_relative_to(ROOT), f"{name_of(page)}: {link}: leads out of the repository"
        if anchor and target.suffix == ".md":
            assert anchor in anchors_of(target), f"{name_of(page)}: {link}: there is no such heading"


def test_index_lists_every_page_once() -> None:
    index = ROOT / "docs" / "index.md"
    listed = Counter(link for link in links_of(index) if link.endswith(".md"))
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    missing = pages - set(listed)
    assert not missing, f"docs/index.md does not list {sorted(missing)}"
    assert max(listed.values()) == 1


def test_every_extra_for_users_is_in_the_table_of_start() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    table = (ROOT / "docs" / "start.md").read_text("utf-8").split("| extra |")[1].split("\n\n")[0]
    named = set(re.findall(r"`([\w-]+)`", "\n".join(row.split("|")[1] for row in table.splitlines()[2:])))
    for_the_code = {"test", "dev", "docs", "triton", "nvrtc"}
    assert named == set(project["optional-dependencies"]) - for_the_code
