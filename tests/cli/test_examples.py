"""The two examples that every command's help page ends with."""

from __future__ import annotations

import shlex

import pytest

from tests.docs.command_lines import parsed
from tvdrnet_nv.cli import COMMANDS, run


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_two_examples_that_are_its_own_and_parse(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([name, "--help"]) == 0
    page = capsys.readouterr().out.split("\nExamples:\n")[1].splitlines()
    what, commands = page[::2], page[1::2]
    assert len(commands) == len(what) == 2
    assert len(set(commands)) == 2
    for line, command in zip(what, commands, strict=True):
        assert line.startswith("  # ")
        assert len(command) <= 80
        assert command.startswith(f"  tvdr-nv {name}")
        parsed(shlex.split(command)[1:])
