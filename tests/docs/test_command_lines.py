"""The command lines of README and docs, also those that are not run: each option is one of its command."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.docs.command_lines import options_of, parsed
from tests.docs.pages import PAGES, blocks, inline_code, name_of
from tvdrnet_nv.cli import COMMANDS


def lines_of(code: str) -> list[str]:
    """The lines of a shell's block that call tvdr-nv, without comments; a backslash at the end joins two."""
    lines = [line.strip() for line in code.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line.startswith("tvdr-nv ")]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_line_of_a_shells_block_parses(page: Path) -> None:
    for block in blocks(page):
        if block.language == "sh":
            for line in lines_of(block.code):
                parsed(shlex.split(line, comments=True)[1:])


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_option_that_the_text_gives_to_a_command_is_there(page: Path) -> None:
    usages = [line for block in blocks(page) if block.language == "text" for line in lines_of(block.code)]
    for line in [*usages, *(code for code in inline_code(page) if code.startswith("tvdr-nv "))]:
        name = line.split()[1]
        if name.startswith("-"):
            continue
        assert name in COMMANDS, f"{name_of(page)}: `{line}`"
        used = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", line.split(maxsplit=1)[1]))
        assert used <= options_of(name), f"{name_of(page)}: `{line}`: {used - options_of(name)}"
