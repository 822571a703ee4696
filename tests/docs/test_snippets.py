"""Every snippet of README and docs runs as printed.

A page's snippets run in order in one folder, which has the files that the page names (`inputs.py`): Python in one
namespace, shell in bash. `<!-- not run: REASON -->` before a block is a skipped test with that reason. What takes
minutes, the shell's snippets and those of `LONG`, is run by `make snippets`; test_command_lines.py checks options here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.inputs import make_inputs
from tests.docs.pages import PAGES, ROOT, Block, blocks, name_of

LANGUAGES = {"sh", "python", "json", "text", "layers"}
ALL = os.environ.get("TVDR_SNIPPETS") == "all"
UNTIL_CTRL_C = """tvdr-nv() {
  if [[ $1 == view ]]; then timeout --preserve-status -s INT 30 tvdr-nv "$@"; else command tvdr-nv "$@"; fi
}"""  # a page is served until Ctrl-C
LONG = {"docs/python.md", "docs/image_text.md", "docs/mapping.md"}
SKIPPED = [block for page in PAGES for block in blocks(page) if block.reason is not None]


def run_of(language: str) -> list[Path]:
    """The pages that have blocks of a language to run."""
    return [page for page in PAGES if any(b.language == language and b.reason is None for b in blocks(page))]


def in_time(page: Path) -> Any:
    """A page as a parameter, skipped where its Python takes too long."""
    late = pytest.mark.skipif(not ALL, reason="its Python takes longer than 10 s; `make snippets` runs it")
    return pytest.param(page, marks=[late] if name_of(page) in LONG else [], id=name_of(page))


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with what the page names."""
    page: Path = request.node.callspec.params["page"]
    monkeypatch.chdir(tmp_path)
    make_inputs(tmp_path, page.read_text("utf-8"))
    return tmp_path


@pytest.mark.parametrize("page", [in_time(page) for page in run_of("python")])
def test_python(page: Path, folder: Path) -> None:
    namespace = {"__name__": "__main__"}
    for block in blocks(page):
        if block.language == "python" and block.reason is None:
            # A traceback then names the page and the line.
            exec(compile("\n" * block.line + block.code, name_of(page), "exec"), namespace)


@pytest.mark.skipif(not ALL, reason="the shell's snippets take minutes; `make snippets` runs them")
@pytest.mark.parametrize("page", run_of("sh"), ids=name_of)
def test_shell(page: Path, folder: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "OMP_WAIT_POLICY": "passive"}
    for block in blocks(page):
        if block.language == "sh" and block.reason is None:
            script = f"""{UNTIL_CTRL_C}\ntrap 'echo "failed: $BASH_COMMAND" >&2' ERR\n{block.code}"""
            command = ["bash", "-euo", "pipefail", "-c", script]
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{block.place}: exit code {done.returncode}\n{done.stderr[-3000:]}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_is_of_a_known_language_and_json_is_json(page: Path) -> None:
    for block in blocks(page):
        if block.language is None:  # formulas may be indented
            hidden = ("tvdr-nv ", "import ", "python ", "pip ", "make ")
            assert not block.code.lstrip().startswith(hidden), f"{block.place}: code in an indented block is not run"
            continue
        assert block.language in LANGUAGES, f"{block.place}: ```{block.language}; wanted one of {sorted(LANGUAGES)}"
        assert block.reason != "", f"{block.place}: a reason is wanted after `not run:`"
        if block.language == "json":
            lines = block.code.splitlines()  # one value, or one a line
            for value in lines if all(line.startswith("{") for line in lines) else [block.code]:
                json.loads(value)


@pytest.mark.parametrize("block", SKIPPED, ids=lambda block: block.place)
def test_snippet_that_is_not_run(block: Block) -> None:
    pytest.skip(f"not run: {block.reason}")
