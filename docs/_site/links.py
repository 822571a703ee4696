"""Links: those of the Markdown pages, which GitHub follows too, and those of names in docstrings."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

LINK = re.compile(r"(?<!!)\[([^\]\[]+)\]\(([^)#:\s]+)(#[^)\s]*)?\)")
MADE = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
# Pages that only the site has, under a heading of index.md.
MORE = {
    "Start": ["Gallery <generated/gallery>"],
    "Reference": ["All commands <generated/commands>", "API reference <generated/api/index>"],
}


def setup(app: Any) -> dict[str, bool]:
    """Sphinx calls this."""
    app.connect("source-read", rewrite)
    app.connect("missing-reference", resolve)
    return {"parallel_read_safe": True}


def within_site(text: str, folder: Path, written_in: Path) -> str:
    """A page's text for a folder of the site; links that the site cannot follow become their words."""
    top = written_in if (written_in / "docs").is_dir() else written_in.parent
    docs = top / "docs"

    def link(found: re.Match[str]) -> str:
        words, path, anchor = found[1], found[2], found[3] or ""
        target = Path(os.path.normpath(written_in / path))
        if target.parent == docs and target.suffix == ".md":
            return f"[{words}]({os.path.relpath(target, folder)}{anchor})"
        if target.parent == top and target.name in MADE:
            return f"[{words}]({os.path.relpath(docs / 'generated' / MADE[target.name], folder)}{anchor})"
        if not target.exists():
            raise FileNotFoundError(f"{written_in}: a link leads to {path}, which is not there")
        return words if words.startswith("`") else f"`{words}`"

    return LINK.sub(link, text)


def rewrite(app: Any, name: str, source: list[str]) -> None:
    """Set a page's links; index.md's lists become the navigation."""
    docs = Path(app.srcdir)
    if "/" not in name:
        source[0] = within_site(source[0], docs, docs)
    if name == "index":
        source[0] += navigation(source[0])


def navigation(index: str) -> str:
    """A hidden table of contents for each heading of index.md: the links of its list, and the site's own pages."""
    trees = []
    for section in index.split("\n## ")[1:]:
        heading, _, body = section.partition("\n")
        entries = [f"{words} <{path.removesuffix('.md')}>" for words, path, _ in LINK.findall(body)]
        lines = [*entries[:1], *MORE.get(heading, []), *entries[1:]]
        trees.append("\n".join(["```{toctree}", ":hidden:", f":caption: {heading}", "", *lines, "```"]))
    return "\n\n" + "\n\n".join(trees) + "\n"


def resolve(app: Any, env: Any, node: Any, contnode: Any) -> Any:
    """The object that a name in a docstring means, such as `Mesh.origin`, if only one has it."""
    from sphinx.util.nodes import make_refnode

    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"].split("(")[0]
    ends = [target.split(".")[-1]] if target.startswith("tvdrnet_nv.") else [target]
    found = [
        (name, entry)
        for name, entry in env.domaindata["py"]["objects"].items()
        for end in ends
        if name.endswith(f".{end}") and name.startswith("tvdrnet_nv") and not entry.aliased
    ]
    if len(found) != 1:
        return None
    name, entry = found[0]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, contnode, name)
